"""The lifecycle: embed, compare, train, transfer, drift, rebuild, deploy, bad cases."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, UnknownName
from ..training.declaration import COMMON, Hyper
from ..training.registry import OURS, backend_for, declaration
from .common import open_lab, row_of, unused
from .settings import as_said, is_settings, planned

if TYPE_CHECKING:
    from ..lab import Lab
    from ..training import Plan


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

    p = verb("train", _train, "train a network on a data version")
    p.add_argument("data", metavar="DATA", nargs="?", help="data version (with a file of settings: what it says)")
    p.add_argument("--name", help="name of the training version")
    p.add_argument(
        "--architecture",
        help=(
            "resnet10, resnet18 or any torchvision network; fcos, retinanet or faster-rcnn for detection; dcrnn"
            " (default), convlstm, convgru, lstm, gru, linear, last-value, daily-mean or weekly-mean for forecasting"
        ),
    )
    p.add_argument("--backbone", help="of a detector (default: resnet10)")
    p.add_argument("--width", type=int, help="channels of the first stage of resnet10 and resnet18 (default: 32)")
    p.add_argument("--size", type=int, nargs=2, metavar=("W", "H"), help="input size in pixels")
    p.add_argument("--hidden", type=int, help="hidden units a sensor of a forecaster (default: 32)")
    p.add_argument("--layers", type=int, help="recurrent layers of a forecaster (default: 2)")
    p.add_argument(
        "--backend",
        metavar="NAME",
        help=f"{', '.join(OURS)} or one of another package; veml backends lists them (default: the task's first)",
    )
    p.add_argument(
        "--config",
        metavar="FILE",
        help=(
            "settings of veml config --toml (.toml, .yaml, .json); or an mmdet configuration: a file, or a name as"
            " mmdet::retinanet/retinanet_r18_fpn_1x_coco.py"
        ),
    )
    for h in COMMON:
        _add_hyper(p, h)
    p.add_argument(
        "--set",
        nargs="+",
        action="extend",
        metavar="NAME=VALUE",
        default=[],
        help="any hyper-parameter that the backend declares (veml backends NAME); with a file of settings: any of them",
    )
    p.add_argument("--seed", type=int, help="of weights and order (default: 0)")
    p.add_argument("--validation", metavar="DATA", help="data version of the metrics (default: the import's test part)")
    p.add_argument("--detach", action="store_true", help="run as a job of its own and come back at once")
    p.add_argument(
        "--retries",
        type=int,
        metavar="N",
        help="with --detach: start it again up to N times when it crashed or was killed (default: 0)",
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


# what the command line trains with where nobody says otherwise, unless a configuration has its own
_RATES = {"forecasting": 1e-2}
_START: dict[str, Any] = {"epochs": 5, "batch_size": 32, "lr": 2e-3}


def _add_hyper(p: argparse.ArgumentParser, h: Hyper) -> None:
    """The option of a hyper-parameter, as it is declared."""
    default = _START.get(h.name, h.default)
    if h.name == "lr":
        default = "0.002; 0.01 for forecasting"
    said = f"{h.help} (default: {default if default not in (None, ()) else 'none'})"
    flag = f"--{h.name.replace('_', '-')}"
    if h.kind is list:
        p.add_argument(flag, nargs="+", metavar="STEP", help=said)
    elif h.choices:
        p.add_argument(flag, choices=h.choices, help=said)
    else:
        metavar = {int: "N", float: "X"}.get(h.kind, "NAME")
        p.add_argument(flag, type=h.kind if h.kind in (int, float) else str, metavar=metavar, help=said)


def _hyper(args: argparse.Namespace, name: str, task: str) -> dict[str, Any]:
    """The hyper-parameters that were given, and those of ``--set``, read as the backend declares them."""
    given: dict[str, Any] = {} if args.config else _START | ({"lr": _RATES[task]} if task in _RATES else {})
    given |= {h.name: v for h in COMMON if (v := getattr(args, h.name)) is not None}
    known = {h.name: h for h in declaration(name).hyper}
    for words in args.set:
        key, _, value = words.removeprefix("hyper.").partition("=")
        if key not in known:
            raise UnknownName.of(f"hyper-parameter of the backend {name}", key, known)
        given[key] = known[key].parse(value)
    return given


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


# forecasters without hidden units
_NAIVE = ("linear", "last-value", "daily-mean", "weekly-mean")


def _train(args: argparse.Namespace) -> Any:
    from ..lifecycle import planning
    from ..versions.store import counted, fitting

    lab = open_lab(args)
    if not args.detach:
        unused(args, "it is for a job of its own, with --detach", "retries")
    if is_settings(args.config):
        return _run_plan(args, lab, planned(args, lab))
    if args.data is None:
        raise BadInput("say what to train on: veml train LAB DATA, or --config FILE.toml with settings")
    args.seed = args.seed or 0
    data = lab.get(args.data, "data")
    validation = lab.get(args.validation, "data") if args.validation else None
    engine = "mmdet" if args.config else args.backend or backend_for(data.facts.trains_as)
    hyper = _hyper(args, engine, data.facts.trains_as)
    detection = data.facts.trains_as == "detection"
    _check_shape(args, data)
    width, backbone = 32 if args.width is None else args.width, args.backbone or "resnet10"
    if data.task == "forecasting":
        forecaster, body = _forecaster(args)
        model = planning.model(data, {**forecaster, "backend": engine}, name=fitting(f"{body} for {data.name}"))
        name = args.name or fitting(f"{data.name} · {body} · {counted(hyper['epochs'], 'epoch')} · seed {args.seed}")
        return _run_plan(
            args, lab, planning.plan(model, data, name=name, validation=validation, seed=args.seed, **hyper)
        )
    if args.config:
        given: dict[str, Any] = {
            "backend": engine,
            "config": args.config,
            **({"size_px": args.size} if args.size else {}),
        }
        title = Path(args.config.removeprefix("mmdet::")).stem
        model = planning.model(data, given, name=fitting(f"{title} for {data.name}", *(args.size or ())))
        name = args.name or fitting(f"{data.name} · {title} · seed {args.seed}", hyper)
        return _run_plan(
            args, lab, planning.plan(model, data, name=name, validation=validation, seed=args.seed, **hyper)
        )
    recipe: dict[str, Any] = {
        "architecture": args.architecture or ("fcos" if detection else "resnet10"),
        "width": width,
    }
    recipe["size_px"] = args.size or ([160, 96] if detection else [32, 32])
    if detection:
        recipe |= {"backbone": backbone, "neck_channels": width}
    recipe["backend"] = engine
    if engine == "mmdet":
        recipe.pop("backbone", None)  # unless it was asked for, the architecture's own
        recipe |= {"backbone": backbone} if backbone != "resnet10" else {}
    size = "x".join(map(str, recipe["size_px"]))
    body = f" {backbone}" if detection else ""
    own = "" if engine == "torchvision" else f" {engine}"
    model = planning.model(
        data, recipe, name=fitting(f"{recipe['architecture']}{own}{body} w{width} {size} for {data.name}")
    )
    name = args.name or fitting(
        f"{data.name} · {recipe['architecture']} · {counted(hyper['epochs'], 'epoch')} · seed {args.seed}"
    )
    plan = planning.plan(model, data, name=name, validation=validation, seed=args.seed, **hyper)
    return _run_plan(args, lab, plan)


def _forecaster(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Recipe of a forecaster and what to call it."""
    name = args.architecture or "dcrnn"
    if name in _NAIVE:
        return {"architecture": name}, name
    hidden, layers = 32 if args.hidden is None else args.hidden, 2 if args.layers is None else args.layers
    return {"architecture": name, "hidden": hidden, "layers": layers}, f"{name} {layers} x {hidden}"


def _check_shape(args: argparse.Namespace, data: Any) -> None:
    """Refuse options of a network of another kind than the one that is trained."""
    if data.task == "forecasting":
        unused(args, "it is of networks for pictures", "backbone", "width", "size", "config")
        if args.architecture in _NAIVE:
            unused(args, f"{args.architecture} has no hidden units", "hidden", "layers")
        return
    unused(args, "it is of forecasters", "hidden", "layers")
    if args.config:
        unused(args, "the configuration of --config says it", "architecture", "backbone", "width")
        if args.backend not in (None, "mmdet"):
            unused(args, "--config is a configuration of mmdet", "backend")
    elif data.facts.trains_as != "detection":
        unused(args, "it is of detectors", "backbone")
        if args.backend in (None, "torchvision") and args.architecture not in (None, "resnet10", "resnet18"):
            unused(args, f"it is of resnet10 and resnet18, not of {args.architecture}", "width")


def _run_plan(args: argparse.Namespace, lab: Lab, plan: Plan) -> Any:
    """Train a plan here, or start its job."""
    if not is_settings(args.config):
        plan = as_said(args, plan)
    from ..lifecycle.planning import train
    from ..training.jobs import find_training, make_job, start

    if args.detach:
        job = make_job(lab.store, plan)
        known = find_training(lab.store, job.key)
        start(job, retries=args.retries)
        if known is not None:
            print(f"veml: trained before as {known.name!r}; no job was started", file=sys.stderr)
            return {"job": job.key, **job.status()} if args.json else None
        return (
            {"job": job.key, **job.status()}
            if args.json
            else f"job {job.key} started; watch it with: veml jobs {args.lab} {job.key} --watch"
        )
    return row_of(lab, train(plan, lab, progress=args.progress), args)


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
