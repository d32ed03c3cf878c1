"""The lifecycle: embed, compare, transfer, drift, rebuild, deploy, bad cases."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from .common import open_lab, row_of, unused

if TYPE_CHECKING:
    pass


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""
    p = verb("embedder", _embedder, "choose the network that embeds the lab's samples")
    p.add_argument("--network", help="torchvision network (default: mobilenet_v2)")
    p.add_argument("--weights", metavar="PATH", help="weights file, 'random', or 'auto' (default)")
    p.add_argument(
        "--size", type=int, metavar="PX", help="side of the images in pixels (default: 224, 96 for random features)"
    )
    p.add_argument(
        "--training", metavar="TRAINING", help="the network of a classification training of this lab, instead"
    )

    p = verb("similar", _similar, "compare the data sets of a lab, or rank them for one")
    p.add_argument(
        "target", metavar="DATA", nargs="?", help="rank donors for this data version; without it: the whole matrix"
    )
    p.add_argument("--measure", help="measure of the similarity (default: energy)")
    p.add_argument(
        "--by",
        choices=("worth", "similarity"),
        help="order of the donors: what their networks see in DATA (default, where it can be told), or similarity",
    )
    p.add_argument(
        "-k", type=int, help="centres of the paper's core sets (default: 10; 100 where the dimensions differ)"
    )

    p = verb("transfer", _transfer, "transfer the lifecycle of the most similar data set, and train it")
    p.add_argument("data", metavar="DATA", help="the new data version")
    p.add_argument(
        "--from", dest="donor", metavar="TRAINING", help="transfer this training instead of the most similar one's"
    )
    p.add_argument("--plan", action="store_true", help="only show what would be reused and changed")
    p.add_argument("--scratch", action="store_true", help="train from fresh weights: the baseline")
    p.add_argument(
        "--top", type=int, metavar="N", help="transfer the N nearest donors and start from scratch beside them: a table"
    )
    p.add_argument("--threshold", type=float, metavar="X", help="the same with all donors within this distance")
    p.add_argument("--name", help="name of the training version")

    p = verb("race", _race, "let the transfers of several donors and a start from scratch run against each other")
    p.add_argument("data", metavar="DATA", help="the new data version, with a test part")
    p.add_argument("--top", type=int, default=3, help="donors that run (default: 3)")
    p.add_argument("--epochs", type=int, help="epochs of the winner (default: the donor's)")
    p.add_argument("--keep", type=float, default=1 / 3, help="share that goes on after each round (default: a third)")
    p.add_argument("--no-scratch", action="store_true", help="leave out the start from scratch")

    p = verb("drift", _drift, "say without labels whether test data has moved away from training data")
    p.add_argument("reference", metavar="REFERENCE", nargs="?", help="training, inference or data version")
    p.add_argument(
        "test",
        metavar="TEST",
        nargs="*",
        help="data version; several are a stream, tested at a level that holds for all of them",
    )
    p.add_argument(
        "--pairs", nargs="+", metavar="DATA", help="instead: every pair of these data versions, as the paper's table 9"
    )
    p.add_argument("-k", type=int, default=50, help="centres of the calibrated test (default: 50)")
    p.add_argument("--level", type=float, default=0.05, help="accepted share of false alarms (default: 0.05)")

    p = verb("rebuild", _rebuild, "rebuild a lifecycle for new data")
    p.add_argument("training", metavar="TRAINING", help="the training to rebuild")
    p.add_argument("data", metavar="NEW", help="data version of the new data")
    p.add_argument(
        "--method",
        help="full, transfer, active (default), or without labels: adabn, coral, dann, self-training, mean-teacher",
    )
    p.add_argument(
        "--auto", action="store_true", help="test for drift, and rebuild by the advised method only where there is one"
    )
    p.add_argument(
        "--budget",
        type=float,
        help="share (below 1) or number of labels for active learning (default: 0.3)",
    )
    p.add_argument(
        "--learner",
        help=(
            "typiclust (default), probcover, k-center, k-center-skip, entropy, margin, margin-k-means, badge or random"
        ),
    )
    p.add_argument(
        "--labels", metavar="DATA", help="data version with the labels of the chosen samples, where NEW has none"
    )
    p.add_argument("--validation", metavar="DATA", help="data version to measure on")
    p.add_argument("--name", help="name of the training version")

    p = verb(
        "rebuilds",
        _rebuilds,
        "measure a training and all that was rebuilt from it on new and old data: labels, metrics, what was forgotten",
    )
    p.add_argument("training", metavar="TRAINING", help="the training that was rebuilt")
    p.add_argument("data", metavar="NEW", help="labelled new data that nothing was trained on")
    p.add_argument("--old", metavar="DATA", help="labelled old data (default: the training's validation data)")

    p = verb("advise", _advise, "say what each rebuilding method would cost and bring, before anything is trained")
    p.add_argument("training", metavar="TRAINING", help="the training to rebuild")
    p.add_argument("data", metavar="NEW", help="data version of the new data")
    p.add_argument(
        "--budget",
        type=float,
        default=0.3,
        help="share (below 1) or number of new samples that may be labelled (default: 0.3)",
    )

    p = verb("deploy", _deploy, "export a training as ONNX, checked against torch on real samples")
    p.add_argument("training", metavar="TRAINING", help="training version")
    p.add_argument("--format", help="onnx (default: that of the lifecycle that was transferred)")
    p.add_argument("--name", help="name of the inference version")

    p = verb("badcases", _badcases, "list what a deployed model gets wrong, worst first")
    p.add_argument("inference", metavar="INFERENCE", help="inference version")
    p.add_argument("data", metavar="DATA", help="labelled data version")
    p.add_argument("--save", metavar="NAME", help="keep them as a data version")
    p.add_argument("--top", type=int, metavar="N", help="keep only the N worst")
    p.add_argument("--report", action="store_true", help="keep them as cases of the lab (veml cases)")
    p.add_argument("--function", metavar="NAME", help="what of the system they are a fault of, for --report")
    p.add_argument("--new-function", action="store_true", help="the function is meant as written, for --report")


def _embedder(args: argparse.Namespace) -> Any:
    from ..embeddings.torchvision import TorchvisionEmbedder

    if args.training is not None:
        unused(args, "--training says the network, its weights and its size", "network", "weights", "size")
    e = open_lab(args).use_embedder(
        args.network or "mobilenet_v2",
        weights=args.weights or "auto",
        size_px=args.size,
        folders=[Path.cwd()],
        training=args.training,
    )
    assert isinstance(e, TorchvisionEmbedder)  # of a network by name or of a training
    return {"network": e.network, "weights": e.weights, "size_px": e.size_px, "dim": e.dim} if args.json else e


def _similar(args: argparse.Namespace) -> Any:
    from ..lifecycle.donors import most_similar
    from ..lifecycle.similarity import similarity

    lab = open_lab(args)
    if args.target is None:
        unused(args, "the matrix has all measures; a ranking is of one DATA", "measure", "by")
        kinds: dict[str, list[Any]] = {}
        for v in lab.data:
            kinds.setdefault(v.facts.nature, []).append(v)
        most = max(kinds, key=lambda kind: len(kinds[kind]), default="")
        left = [v.name for kind, versions in kinds.items() if kind != most for v in versions]
        if left:
            print(f"veml: compared are the sets of {most}; left out: {', '.join(left)}", file=sys.stderr)
        return similarity(kinds.get(most, []), k=args.k, progress=args.progress)
    k = {} if args.k is None else {"k": args.k}
    target = lab.get(args.target, "data")
    return most_similar(target, measure=args.measure or "energy", by=args.by, progress=args.progress, **k)


def _transfer(args: argparse.Namespace) -> Any:
    from ..lifecycle.donors import most_similar
    from ..lifecycle.planning import train
    from ..lifecycle.transfer import transfer

    lab = open_lab(args)
    data = lab.get(args.data, "data")
    if args.top is not None or args.threshold is not None:
        if args.donor or args.scratch or args.name:
            raise BadInput(
                "--top and --threshold choose the donors, start from scratch beside them and name the trainings; leave"
                " out --from, --scratch, --name"
            )
        plans = transfer(most_similar(data, progress=args.progress), data, top=args.top, threshold=args.threshold)
        return plans if args.plan else plans.execute(progress=args.progress)
    donor = lab.get(args.donor, "training") if args.donor else most_similar(data, progress=args.progress)
    plan = transfer(donor, data, name=args.name)
    if args.scratch:
        plan = plan.scratch(args.name)
    if args.plan:
        return plan
    if not args.json:
        print(plan)
    return row_of(lab, train(plan, progress=args.progress), args)


def _drift(args: argparse.Namespace) -> Any:
    from ..lifecycle.drift import drift, learned_from
    from ..lifecycle.drift_repeated import drift_pairs, drift_stream

    lab = open_lab(args)
    options = {"k": args.k, "level": args.level, "progress": args.progress}
    if args.pairs:
        if args.reference:
            raise BadInput("give either --pairs with data versions, or REFERENCE and TEST")
        return drift_pairs([lab.get(d, "data") for d in args.pairs], **options)
    if not args.test:
        raise BadInput("drift takes REFERENCE and TEST, or --pairs with two or more data versions")
    reference, tests = learned_from(lab.get(args.reference)), [lab.get(t, "data") for t in args.test]
    return drift(reference, tests[0], **options) if len(tests) == 1 else drift_stream(reference, tests, **options)


def _race(args: argparse.Namespace) -> Any:
    from ..lifecycle.donors import most_similar
    from ..lifecycle.race import race

    lab = open_lab(args)
    ranking = most_similar(lab.get(args.data, "data"), progress=args.progress)
    return race(
        ranking, top=args.top, scratch=not args.no_scratch, epochs=args.epochs, keep=args.keep, progress=args.progress
    )


def _rebuild(args: argparse.Namespace) -> Any:
    from ..lifecycle.rebuild import rebuild

    lab = open_lab(args)
    training, new = lab.get(args.training, "training"), lab.get(args.data, "data")
    options: dict[str, Any] = {
        "validation": lab.get(args.validation, "data") if args.validation else None,
        "name": args.name,
        "progress": args.progress,
    }
    budget = {} if args.budget is None else {"budget": args.budget}
    if args.auto:
        unused(args, "--auto takes the advised method", "method")
    elif args.method not in (None, "active"):
        unused(args, f"it belongs to --method active, not to {args.method}", "budget", "learner", "labels")
    labels = lab.get(args.labels, "data") if args.labels else None
    version = rebuild(
        training, new, auto=args.auto, method=args.method, learner=args.learner, labels=labels, **budget, **options
    )
    return row_of(lab, version, args)


def _rebuilds(args: argparse.Namespace) -> Any:
    from ..lifecycle.outcome import rebuilds

    lab = open_lab(args)
    old = lab.get(args.old, "data") if args.old else None
    return rebuilds(lab.get(args.training, "training"), lab.get(args.data, "data"), old=old)


def _advise(args: argparse.Namespace) -> Any:
    from ..lifecycle.advice import advise

    lab = open_lab(args, read_only=True)
    return advise(lab.get(args.training, "training"), lab.get(args.data, "data"), budget=args.budget)


def _deploy(args: argparse.Namespace) -> Any:
    from ..serving.onnx import deploy

    lab = open_lab(args)
    return row_of(lab, deploy(lab.get(args.training, "training"), args.format, name=args.name), args)


def _badcases(args: argparse.Namespace) -> Any:
    from ..lifecycle.badcases import bad_cases

    lab = open_lab(args)
    if args.save is None:
        unused(args, "it says how many --save keeps", "top")
    if not args.report:
        unused(args, "it is for --report", "function", "new_function")
    elif not args.function:
        raise BadInput("--report needs --function NAME: what of the system they are a fault of")
    found = bad_cases(lab.get(args.inference, "inference"), lab.get(args.data, "data"), progress=args.progress)
    if args.save:
        found.save(args.save, top=args.top)
    return found.report(args.function, new_function=args.new_function) if args.report else found
