"""Jobs, and trainings looked at again: their errors, and whether they come out the same."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from ..errors import BadInput
from ..evaluation.kinds import SCORE
from .common import open_lab, unused


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""
    p = verb("backends", _backends, "list the training backends, or what one trains, measures and takes", lab=False)
    p.add_argument("name", metavar="NAME", nargs="?", help="one of them")

    p = verb("jobs", _jobs, "list the training jobs, watch, stop or resume them")
    p.add_argument("job", metavar="JOB", nargs="*", help="name or key of a job (default: all)")
    p.add_argument(
        "--watch",
        action="store_true",
        help="show their progress until they end; exit code 1 where one did not end well",
    )
    p.add_argument("--stop", action="store_true", help="ask them to stop after their step; they can be resumed")
    p.add_argument(
        "--resume", action="store_true", help="start them again where they were; without JOB: all whose process died"
    )
    p.add_argument(
        "--retries",
        type=int,
        metavar="N",
        help="with --resume: start a job again up to N times by itself (default: as before)",
    )

    p = verb(
        "errors",
        _errors,
        "analyse what a training gets wrong: confusion, classes, slices, kinds of error, worst samples",
    )
    p.add_argument("training", metavar="TRAINING", help="training version")
    p.add_argument(
        "data", metavar="DATA", nargs="?", help="labelled data version (default: the training's validation data)"
    )
    p.add_argument(
        "--by", metavar="COLUMN", nargs="+", help="capture columns to slice by (default: all that divide the samples)"
    )
    p.add_argument(
        "--score",
        type=float,
        default=SCORE,
        help=f"detections below it are not judged; mAP counts them all (default: {SCORE})",
    )
    p.add_argument("--top", type=int, default=12, metavar="N", help="how many of the worst samples (default: 12)")

    p = verb("batch", _batch, "show which samples a training was given in a step, replayed from its seed")
    p.add_argument("training", metavar="TRAINING", help="training version")
    p.add_argument("--epoch", type=int, required=True, metavar="N", help="from 1, as the log counts")
    p.add_argument("--step", type=int, required=True, metavar="N", help="in that epoch, from 1")

    p = verb("seen", _seen, "show how often a training saw each sample, replayed from its seed")
    p.add_argument("training", metavar="TRAINING", help="training version")

    p = verb("reproduce", _reproduce, "run a training again and compare metrics and weights")
    p.add_argument("training", metavar="TRAINING", help="training version")
    p.add_argument("--keep", metavar="NAME", help="keep the second run as a training version of this name")
    p.add_argument(
        "--restore",
        action="store_true",
        help="put the second run's weights in the place of a checkpoint that is gone, where it comes out the same",
    )
    p.add_argument("--into", metavar="FOLDER", help="make everything again from the imports on, in a new lab there")
    p.add_argument(
        "--metric-tolerance", type=float, default=0.01, help="largest difference of a metric (default: 0.01)"
    )
    p.add_argument(
        "--weight-tolerance", type=float, default=1e-3, help="relative difference of the weights (default: 0.001)"
    )


def _backends(args: argparse.Namespace) -> Any:
    from ..training.declaration import hyper_table
    from ..training.registry import declaration, declarations

    found = [declaration(args.name)] if args.name else list(declarations().values())
    if args.json:
        return [
            {
                "name": d.name,
                "about": d.about,
                "metrics": {task: [m.name for m in found] for task, found in d.metrics.items()},
                "monitors": {task: [m.name for m in found] for task, found in d.monitors.items()},
                "hyper": [{"name": h.name, "default": h.default, "may_be": h.range, "help": h.help} for h in d.hyper],
            }
            for d in found
        ]
    lines = []
    for d in found:
        lines.append(f"{d.name}: {d.about}")
        lines += [f"  {task}, measured by {', '.join(m.name for m in metrics)}" for task, metrics in d.metrics.items()]
    return "\n".join([*lines, "", hyper_table(found)])


def _jobs(args: argparse.Namespace) -> Any:
    from ..training.job_list import GOING, JobTable, asked, watch
    from ..training.jobs import start

    if args.stop and args.resume:
        raise BadInput("a job is stopped or resumed; give one of --stop and --resume")
    if not args.resume:
        unused(args, "it goes with --resume", "retries")
    if args.stop and not args.job:
        raise BadInput(f"say which job shall stop: veml jobs {args.lab} JOB --stop")
    lab = open_lab(args, read_only=not args.resume)
    found = asked(lab.store, args.job)
    if args.stop:
        for job in found:
            if (state := job.status()["state"]) in GOING:
                job.stop()
            else:
                print(f"veml: job {job.plan.name!r} has ended ({state}); there is nothing to stop", file=sys.stderr)
    if args.resume:
        if not args.job:
            found = [j for j in found if j.status()["state"] == "killed"]
            if not found:
                print("veml: no job's process died; there is nothing to resume", file=sys.stderr)
        for job in found:
            before = job.status()["state"]
            start(job, retries=args.retries)
            if before == "done":
                print(f"veml: job {job.plan.name!r} is done already; there is nothing to resume", file=sys.stderr)
            elif before == "running":
                print(f"veml: job {job.plan.name!r} is running; there is nothing to resume", file=sys.stderr)
    return watch(found, progress=args.progress) if args.watch else JobTable.of(found)


def _errors(args: argparse.Namespace) -> Any:
    from ..training.analysis import analyse

    lab = open_lab(args)
    data = lab.get(args.data, "data") if args.data else None
    return analyse(
        lab.get(args.training, "training"),
        data,
        columns=args.by,
        score=args.score,
        top=args.top,
        progress=args.progress,
    )


def _batch(args: argparse.Namespace) -> Any:
    from ..training.replay import batch

    found = batch(open_lab(args, read_only=True).get(args.training, "training"), args.epoch, args.step).tolist()
    if args.json:
        return {"training": args.training, "epoch": args.epoch, "step": args.step, "samples": found}
    return " ".join(map(str, found))


def _seen(args: argparse.Namespace) -> Any:
    from ..training.replay import seen

    return seen(open_lab(args, read_only=True).get(args.training, "training"))


def _reproduce(args: argparse.Namespace) -> Any:
    from ..training.reproduce import reproduce

    return reproduce(
        open_lab(args).get(args.training, "training"),
        keep=args.keep,
        restore=args.restore,
        into=args.into,
        metric_tolerance=args.metric_tolerance,
        weight_tolerance=args.weight_tolerance,
        progress=args.progress,
    )
