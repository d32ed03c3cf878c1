"""The verbs on the command line: ``veml VERB LAB ...``, each with ``--json`` where something is printed."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import __version__
from .errors import BadInput, VemlError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 2 with one line on standard error, or 130 after Ctrl-C."""
    parser = make_parser()
    args = parser.parse_args(argv)
    if not hasattr(args, "run"):
        parser.print_help()
        return 0
    if args.run not in (_lab, _dashboard) and not sys.stderr.isatty():
        os.environ.setdefault("TQDM_DISABLE", "1")  # in a log file a bar is many lines; read when tqdm is imported
    try:
        result = args.run(args)
    except VemlError as e:
        print("veml:", " ".join(line.strip() for line in str(e).splitlines()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("veml: interrupted; nothing is lost, the same command goes on where it was", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if result is not None:
        try:
            _print(result, getattr(args, "json", False))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _print(result: Any, as_json: bool) -> None:
    if as_json:
        value = result.to_dict() if hasattr(result, "to_dict") else result
        print(json.dumps(value, indent=2, ensure_ascii=False))
    else:
        print(result if isinstance(result, str) else repr(result))


def make_parser() -> argparse.ArgumentParser:
    """All commands with their help."""
    top = argparse.ArgumentParser(
        prog="veml", description="Every version of a machine-learning lifecycle in one lineage graph, and the use of that memory.",
        epilog="A lab is a folder. Errors are one line on standard error and exit code 2.",
    )  # fmt: skip
    top.add_argument("--version", action="version", version=f"veml-lab {__version__}")
    verbs = top.add_subparsers(title="verbs", metavar="VERB")

    def verb(name: str, run: Callable, help: str, *, lab: bool = True, as_json: bool = True) -> argparse.ArgumentParser:
        p = verbs.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
        if lab:
            p.add_argument("lab", metavar="LAB", help="folder of the lab")
        if as_json:
            p.add_argument("--json", action="store_true", help="print JSON, without progress bars")
        p.set_defaults(run=run)
        return p

    p = verb("demo", _demo, "run the whole lifecycle on real images, or on a drawn road world", lab=False)
    p.add_argument("--data", metavar="DIR", help="folder with mnist/, fashion_mnist/ and cifar10/ (default: ../shared/data if it is there, else the road world)")
    p.add_argument("--road-world", action="store_true", help="use the drawn road world even if there is real data")
    p.add_argument("--out", metavar="LAB", default="demo-lab", help="folder of the lab (default: demo-lab)")
    p.add_argument("--limit", type=int, metavar="N", help="seeded part of at most N samples of each role of each set")
    p.add_argument("--quick", action="store_true", help="small parts and few epochs")

    p = verb("add", _add, "import a data set as a data version")
    p.add_argument("name", metavar="NAME", help="name of the data version")
    p.add_argument("path", metavar="PATH", help="file, folder or archive; or road:CONDITION for the drawn road world")
    p.add_argument("--format", metavar="F", help="format; default: found out by looking")
    p.add_argument("--limit", type=int, metavar="N", help="import a seeded part of at most N samples of each role")
    p.add_argument("--copy", action="store_true", help="copy plain files into the lab instead of leaving them where they are")

    p = verb("versions", _versions, "list the versions of a lab")
    p.add_argument("--kind", choices=("data", "model", "training", "inference"), help="one kind only")

    p = verb("stats", _stats, "count classes, sizes and capture columns of a data version")
    p.add_argument("data", metavar="DATA", help="data version")

    p = verb("filter", _filter, "make a data version of the samples for which a condition holds")
    p.add_argument("data", metavar="DATA", help="data version to filter")
    p.add_argument("name", metavar="NAME", help="name of the new version")
    p.add_argument("where", metavar="WHERE", help="condition, e.g. \"weather = 'fog' AND contains class 'car'\"")

    p = verb("merge", _merge, "make a data version of all samples of several")
    p.add_argument("name", metavar="NAME", help="name of the new version")
    p.add_argument("data", metavar="DATA", nargs="+", help="data versions")

    p = verb("embedder", _embedder, "choose the network that embeds the lab's samples")
    p.add_argument("--network", default="mobilenet_v2", help="torchvision network (default: mobilenet_v2)")
    p.add_argument("--weights", default="auto", metavar="PATH", help="weights file, 'random', or 'auto' (default)")
    p.add_argument("--size", type=int, metavar="PX", help="side of the images in pixels (default: 224, 96 for random features)")
    p.add_argument("--training", metavar="TRAINING", help="the network of a classification training of this lab, instead")

    p = verb("similar", _similar, "compare the data sets of a lab, or rank them for one")
    p.add_argument("target", metavar="DATA", nargs="?", help="rank donors for this data version; without it: the whole matrix")
    p.add_argument("--measure", default="energy", help="measure of the ranking (default: energy)")
    p.add_argument("-k", type=int, default=10, help="centres of the paper's core sets (default: 10)")

    p = verb("train", _train, "train a network on a data version")
    p.add_argument("data", metavar="DATA", help="data version")
    p.add_argument("--name", help="name of the training version")
    p.add_argument("--architecture", help="resnet10, resnet18 or any torchvision network; fcos, retinanet or faster-rcnn for detection")
    p.add_argument("--backbone", default="resnet10", help="of a detector (default: resnet10)")
    p.add_argument("--width", type=int, default=32, help="channels of the first stage of resnet10 and resnet18 (default: 32)")
    p.add_argument("--size", type=int, nargs=2, metavar=("W", "H"), help="input size in pixels")
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--lr", type=float, default=2e-3, help="learning rate (default: 0.002)")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--detach", action="store_true", help="run as a job of its own and come back at once")

    p = verb("transfer", _transfer, "transfer the lifecycle of the most similar data set, and train it")
    p.add_argument("data", metavar="DATA", help="the new data version")
    p.add_argument("--from", dest="donor", metavar="TRAINING", help="transfer this training instead of the most similar one's")
    p.add_argument("--plan", action="store_true", help="only show what would be reused and changed")
    p.add_argument("--scratch", action="store_true", help="train from fresh weights: the baseline")
    p.add_argument("--name", help="name of the training version")

    p = verb("drift", _drift, "say without labels whether test data has moved away from training data")
    p.add_argument("reference", metavar="REFERENCE", nargs="?", help="training, inference or data version")
    p.add_argument("test", metavar="TEST", nargs="*", help="data version; several are a stream, tested at a level that holds for all of them")
    p.add_argument("--pairs", nargs="+", metavar="DATA", help="instead: every pair of these data versions, as the paper's table 9")
    p.add_argument("-k", type=int, default=50, help="centres of the calibrated test (default: 50)")
    p.add_argument("--level", type=float, default=0.05, help="accepted share of false alarms (default: 0.05)")

    p = verb("rebuild", _rebuild, "rebuild a lifecycle for new data")
    p.add_argument("training", metavar="TRAINING", help="the training to rebuild")
    p.add_argument("data", metavar="NEW", help="data version of the new data")
    p.add_argument("--method", default="active", help="full, transfer or active (default)")
    p.add_argument("--budget", type=float, default=0.3, help="share (below 1) or number of labels for active learning (default: 0.3)")
    p.add_argument("--learner", default="typiclust", help="typiclust (default), probcover, k-center, k-center-skip or random")
    p.add_argument("--validation", metavar="DATA", help="data version to measure on")
    p.add_argument("--name", help="name of the training version")

    p = verb("deploy", _deploy, "export a training as ONNX, checked against torch on real samples")
    p.add_argument("training", metavar="TRAINING", help="training version")
    p.add_argument("--format", help="onnx (default: that of the lifecycle that was transferred)")
    p.add_argument("--name", help="name of the inference version")

    p = verb("badcases", _badcases, "list what a deployed model gets wrong, worst first")
    p.add_argument("inference", metavar="INFERENCE", help="inference version")
    p.add_argument("data", metavar="DATA", help="labelled data version")
    p.add_argument("--save", metavar="NAME", help="keep them as a data version")
    p.add_argument("--top", type=int, metavar="N", help="keep only the N worst")

    p = verb("lineage", _lineage, "show what led to a version and what came of it")
    p.add_argument("name", metavar="NAME", nargs="?", help="version; without it: the whole graph")
    p.add_argument("--direction", choices=("both", "ancestors", "descendants"), default="both")

    verb("jobs", _jobs, "list the training jobs and their states")

    p = verb("lab", _lab, "open JupyterLab on a lab, with the tutorial notebook", as_json=False)
    p.add_argument("--port", type=int, default=8888)
    p.add_argument("--no-browser", action="store_true", help="only print the address")

    p = verb("dashboard", _dashboard, "serve a read-only page of a lab", as_json=False)
    p.add_argument("--port", type=int, default=0, help="port (default: a free one)")
    p.add_argument("--token", help="token of the address (default: a fresh one)")
    p.add_argument("--no-browser", action="store_true", help="only print the address")
    return top


# -- commands ------------------------------------------------------------------------------------------


def _open(args: argparse.Namespace, *, create: bool = False, read_only: bool = False) -> Any:
    from .lab import open

    return open(args.lab, create=create, read_only=read_only)


def _demo(args: argparse.Namespace) -> dict[str, Any] | None:
    from . import demo

    data = None if args.road_world else args.data or demo.default_data()
    say = (lambda text: print(text, file=sys.stderr)) if args.json else print
    results = demo.run(args.out, data=data, limit=args.limit, quick=args.quick, say=say, progress=not args.json)
    return results if args.json else None


def _add(args: argparse.Namespace) -> Any:
    from . import formats

    if args.path.startswith("road:"):
        source = formats.road_world(args.path.removeprefix("road:"), args.limit or 200)
        limit = None
    else:
        source = formats.read(args.path, format=args.format)
        limit = args.limit
    lab = _open(args, create=True)
    version = lab.add(args.name, source, copy=True if args.copy else None, limit=limit, progress=not args.json)
    return _row(lab, version, args)


def _row(lab: Any, version: Any, args: argparse.Namespace) -> Any:
    """A version as one row of JSON, or its repr."""
    from . import faces

    return faces.row(lab.store, version.node) if args.json else version


def _versions(args: argparse.Namespace) -> Any:
    lab = _open(args, read_only=True)
    rows = lab.rows(args.kind)
    if args.json:
        return rows
    if not rows:
        return "no versions yet; import data with: veml add LAB NAME PATH"
    return "\n".join(f"{r['kind']:<10} {r['name']:<44} {r['summary']}" for r in rows)


def _stats(args: argparse.Namespace) -> Any:
    return _open(args, read_only=True).get(args.data, "data").statistics()


def _filter(args: argparse.Namespace) -> Any:
    lab = _open(args)
    return _row(lab, lab.get(args.data, "data").filter(args.name, args.where), args)


def _merge(args: argparse.Namespace) -> Any:
    lab = _open(args)
    first, *others = [lab.get(d, "data") for d in args.data]
    if not others:
        raise BadInput("merge takes two or more data versions")
    return _row(lab, first.merge(*others, name=args.name), args)


def _embedder(args: argparse.Namespace) -> Any:
    e = _open(args).use_embedder(args.network, weights=args.weights, size_px=args.size, folders=[Path.cwd()], training=args.training)
    return {"network": e.network, "weights": e.weights, "size_px": e.size_px, "dim": e.dim} if args.json else e


def _similar(args: argparse.Namespace) -> Any:
    from . import verbs

    lab = _open(args)
    if args.target is None:
        return verbs.similarity(lab.data, k=args.k, progress=not args.json)
    return verbs.most_similar(lab.get(args.target, "data"), measure=args.measure, k=args.k, progress=not args.json)


def _train(args: argparse.Namespace) -> Any:
    from . import verbs
    from .training.jobs import make_job, start
    from .versions.store import fitting

    lab = _open(args)
    data = lab.get(args.data, "data")
    detection = data.task == "detection"
    recipe: dict[str, Any] = {"architecture": args.architecture or ("fcos" if detection else "resnet10"), "width": args.width}
    recipe["size_px"] = args.size or ([160, 96] if detection else [32, 32])
    if detection:
        recipe |= {"backbone": args.backbone, "neck_channels": args.width}
    size = "x".join(map(str, recipe["size_px"]))
    body = f" {args.backbone}" if detection else ""
    model = verbs.model(data, recipe, name=fitting(f"{recipe['architecture']}{body} w{args.width} {size} for {data.name}"))
    name = args.name or fitting(f"{data.name} · {recipe['architecture']} · {args.epochs} epochs · seed {args.seed}")
    plan = verbs.plan(model, data, name=name, seed=args.seed, epochs=args.epochs, batch_size=args.batch_size, lr=args.lr)
    if args.detach:
        job = start(make_job(lab.store, plan))
        return {"job": job.key, **job.status()} if args.json else f"job {job.key} started; watch it with: veml jobs {args.lab}"
    return _row(lab, verbs.train(plan, lab, progress=not args.json), args)


def _transfer(args: argparse.Namespace) -> Any:
    from . import verbs

    lab = _open(args)
    data = lab.get(args.data, "data")
    donor = lab.get(args.donor, "training") if args.donor else verbs.most_similar(data, progress=not args.json)
    plan = verbs.transfer(donor, data, name=args.name)
    if args.scratch:
        plan = plan.scratch(args.name)
    if args.plan:
        return plan
    if not args.json:
        print(plan)
    return _row(lab, verbs.train(plan, progress=not args.json), args)


def _drift(args: argparse.Namespace) -> Any:
    from . import verbs

    lab = _open(args)
    options = {"k": args.k, "level": args.level, "progress": not args.json}
    if args.pairs:
        if args.reference:
            raise BadInput("give either --pairs with data versions, or REFERENCE and TEST")
        return verbs.drift_pairs([lab.get(d, "data") for d in args.pairs], **options)
    if not args.test:
        raise BadInput("drift takes REFERENCE and TEST, or --pairs with two or more data versions")
    reference, tests = lab.get(args.reference), [lab.get(t, "data") for t in args.test]
    return verbs.drift(reference, tests[0], **options) if len(tests) == 1 else verbs.drift_stream(reference, tests, **options)


def _rebuild(args: argparse.Namespace) -> Any:
    from . import verbs

    lab = _open(args)
    validation = lab.get(args.validation, "data") if args.validation else None
    version = verbs.rebuild(
        lab.get(args.training, "training"), lab.get(args.data, "data"), method=args.method, budget=args.budget,
        learner=args.learner, validation=validation, name=args.name, progress=not args.json,
    )  # fmt: skip
    return _row(lab, version, args)


def _deploy(args: argparse.Namespace) -> Any:
    from . import verbs

    lab = _open(args)
    return _row(lab, verbs.deploy(lab.get(args.training, "training"), args.format, name=args.name), args)


def _badcases(args: argparse.Namespace) -> Any:
    from . import verbs

    lab = _open(args)
    found = verbs.bad_cases(lab.get(args.inference, "inference"), lab.get(args.data, "data"), progress=not args.json)
    if args.save:
        found.save(args.save, top=args.top)
    return found


def _lineage(args: argparse.Namespace) -> Any:
    return _open(args, read_only=True).lineage(args.name, direction=args.direction)


def _jobs(args: argparse.Namespace) -> Any:
    from .training.jobs import list_jobs

    rows = [{"job": j.key, "name": j.plan.name, **j.status()} for j in list_jobs(_open(args, read_only=True).store)]
    if args.json:
        return rows
    return "\n".join(f"{r['state']:<8} {r['name']:<44} {r.get('message', '')}" for r in rows) or "no jobs yet"


def _lab(args: argparse.Namespace) -> None:
    from .dashboards.jupyter import open_jupyterlab

    open_jupyterlab(_open(args).path, port=args.port, browser=not args.no_browser)


def _dashboard(args: argparse.Namespace) -> None:
    from .dashboards import serve

    serve(_open(args, read_only=True).path, port=args.port, token=args.token, open_browser=not args.no_browser)


if __name__ == "__main__":
    sys.exit(main())
