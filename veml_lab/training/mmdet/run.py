"""Training with mmengine's Runner: the configuration's optimiser, schedules and hooks; our log, files and guards."""

from __future__ import annotations

import contextlib
import copy
import functools
import logging
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper
from mmengine.registry import OPTIM_WRAPPERS
from torch.utils.data import DataLoader

from ...errors import BadInput
from ...execute.memory import keep_freed_memory
from ...versions.data import DataVersion
from ...versions.torch_dataset import VersionDataset
from .. import guard, weights
from ..backend import FitTask, Report, Start
from ..torchvision.batches import CACHE_BYTES
from ..weight_files import load_state
from . import config as configs
from . import dataset as datasets
from . import network
from .scope import scope

Measure = Callable[[Any], Mapping[str, float]]
SCALED = {"begin", "end", "milestones", "T_max", "total_iters", "num_last_epochs", "switch_epoch", "begin_epoch"}


@OPTIM_WRAPPERS.register_module(force=True)
class CpuAutocast(OptimWrapper):
    """bfloat16 on a CPU, which mmengine's own AmpOptimWrapper leaves to GPUs."""

    @contextlib.contextmanager
    def optim_context(self, model: Any) -> Iterator[None]:
        with super().optim_context(model), torch.autocast("cpu", dtype=torch.bfloat16):
            yield


def train(task: FitTask, report: Report, measure: Measure | None) -> dict[str, Any]:
    """Fit a detector; see :meth:`veml_lab.training.backend.TrainingBackend.fit` for files and summary.

    Parameters
    ----------
    task
        With every hyper-parameter filled in; None where the configuration's own value counts.
    measure
        Metrics of a network on the validation data, or None.
    """
    from mmengine.runner import set_random_seed

    keep_freed_memory()
    recipe, h, seed, folder = task.recipe, task.hyper, task.seed, task.folder
    config = configs.parse(recipe["config"])
    set_random_seed(seed)
    net = network.build_config(config)
    with scope(), _quiet():
        net.init_weights()
    reused, fresh = _start(net, recipe, task.init)
    loader = _loader(config, recipe, h, task.data, seed)
    hook = _Told(h, folder, recipe["classes"], report, measure)
    with tempfile.TemporaryDirectory(prefix="veml-mmdet-") as scratch, scope():
        with _quiet():
            runner = _runner(net, config, h, loader, hook, seed, scratch)
        try:
            guard.within_memory(runner.train, loader.batch_size or 1, functools.partial(_try, net, loader))
        finally:
            for handler in list(runner.logger.handlers):  # its log file lies in the scratch folder
                handler.close()
                runner.logger.removeHandler(handler)
    summary = {**hook.metrics, "steps": hook.step, "epochs": hook.epoch, "reused": reused, "fresh": fresh}
    state = hook.last
    if hook.patience.best:
        state = hook.patience.best
        summary |= {**hook.patience.metrics, "best_epoch": hook.patience.epoch}
    weights.save(state, folder / "model.safetensors", recipe["classes"])
    return summary


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """mmengine logs and warns of much that our log has, or that is meant so."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _start(net: Any, recipe: Mapping[str, Any], init: Start | None) -> tuple[list[str], list[str]]:
    """Weights of a donor, or of a file for the backbone, where they fit."""
    if init is not None:
        return weights.start_from(net, network.class_rows(recipe), recipe["classes"], init)
    if not recipe.get("pretrained"):
        return [], []
    mine = net.state_dict()
    theirs = {
        k if k.startswith("backbone.") else f"backbone.{k}": v
        for k, v in load_state(Path(recipe["pretrained"])).items()
    }
    fits = {k: v for k, v in theirs.items() if k in mine and mine[k].shape == v.shape}
    if not fits:
        raise BadInput(
            f"no weight of {recipe['pretrained']} fits the backbone {recipe['backbone']}; leave pretrained out, or give"
            " a file of that network"
        )
    net.load_state_dict({**mine, **fits})
    return sorted(fits), sorted(set(mine) - set(fits))


def _loader(
    config: dict[str, Any], recipe: Mapping[str, Any], h: Mapping[str, Any], data: DataVersion, seed: int
) -> DataLoader:
    from mmengine.dataset import DefaultSampler, pseudo_collate

    part = copy.deepcopy(config["train_dataloader"])
    datasets.with_augmentation(part, h["augment"])
    stored = (
        sum(w * hh for w, hh in zip(data.samples["width"].to_pylist(), data.samples["height"].to_pylist(), strict=True))
        * 3
    )
    images = VersionDataset(data, classes=tuple(recipe["classes"]), cache=stored <= CACHE_BYTES, task=recipe["task"])
    made = datasets.version_dataset(part["dataset"], images)
    size = min(h["batch_size"] or part["batch_size"], len(made))
    return DataLoader(
        made,
        size,
        sampler=DefaultSampler(made, shuffle=True, seed=seed),
        num_workers=h["workers"],
        collate_fn=pseudo_collate,
    )


def positions(task: FitTask) -> Iterator[list[list[int]]]:
    """The batches of every epoch as positions in the data: mmengine seeds the sampler by the epoch."""
    loader = _loader(configs.parse(task.recipe["config"]), task.recipe, task.hyper, task.data, task.seed)
    for epoch in range(task.hyper["epochs"]):
        loader.sampler.set_epoch(epoch)  # type: ignore[attr-defined]
        yield [[datasets.position_of(loader.dataset, i) for i in batch] for batch in loader.batch_sampler or ()]


def _runner(
    net: Any, config: dict[str, Any], h: Mapping[str, Any], loader: DataLoader, hook: Hook, seed: int, scratch: str
) -> Any:
    from mmengine.runner import Runner

    epochs, steps = h["epochs"], h["epochs"] * len(loader)
    was = config.get("train_cfg", {})
    optim = copy.deepcopy(config["optim_wrapper"])
    for k in ("lr", "weight_decay"):
        if h[k] is not None:
            optim["optimizer"][k] = h[k]
    if h["clip"] is not None:
        optim["clip_grad"] = {"max_norm": h["clip"]}
    optim = _precise(optim, h["precision"])
    schedule = config.get("param_scheduler") or []
    if schedule == "one cycle":
        warm = max(1, round(0.15 * steps))
        schedule = [
            {"type": "LinearLR", "start_factor": 0.04, "by_epoch": False, "begin": 0, "end": warm},
            {
                "type": "CosineAnnealingLR",
                "by_epoch": False,
                "begin": warm,
                "end": max(steps, warm + 1),
                "T_max": max(1, steps - warm),
                "eta_min": 0.0,
            },
        ]
    else:
        schedule = [_scaled(s, epochs, steps, was) for s in (schedule if isinstance(schedule, list) else [schedule])]
    hooks = [
        _scaled(c, epochs, steps, was)
        for c in config.get("custom_hooks") or []
        if c.get("type") not in ("EarlyStoppingHook", "CheckpointHook")
    ]
    for c in hooks:
        if "switch_pipeline" in c:
            c["switch_pipeline"] = datasets._without_loading(c["switch_pipeline"])
    return Runner(
        net,
        scratch,
        train_dataloader=loader,
        train_cfg={"type": "EpochBasedTrainLoop", "max_epochs": epochs},
        optim_wrapper=optim,
        param_scheduler=schedule,
        default_hooks={"logger": None, "checkpoint": None, "timer": None},
        custom_hooks=[*hooks, hook],
        default_scope="mmdet",
        log_level="ERROR",
        randomness={"seed": seed},
        experiment_name=f"veml-{uuid.uuid4().hex}",
        visualizer={"type": "Visualizer", "vis_backends": []},
        cfg={},
    )


def _precise(optim: dict[str, Any], precision: str) -> dict[str, Any]:
    """The optimiser wrapper in the asked precision."""
    if precision == "fp32":
        return optim
    kept = {k: v for k, v in optim.items() if k not in ("type", "dtype", "loss_scale")}
    if torch.cuda.is_available():
        scale = {"loss_scale": "dynamic"} if precision == "fp16" else {}
        return {"type": "AmpOptimWrapper", "dtype": {"fp16": "float16", "bf16": "bfloat16"}[precision], **scale, **kept}
    if precision == "fp16":
        raise BadInput("mmdet trains in fp16 on a GPU only, and there is none here; choose bf16 or fp32")
    return {"type": "CpuAutocast", **kept}


def _scaled(entry: Mapping[str, Any], epochs: int, steps: int, was: Mapping[str, Any]) -> dict[str, Any]:
    """A schedule or a hook that counts epochs or iterations of the configuration's training, for one of another
    length."""
    if entry.get("by_epoch", True):
        factor, most = epochs / (was.get("max_epochs") or epochs), epochs
    elif was.get("max_iters"):
        factor, most = steps / was["max_iters"], steps
    else:  # a warm-up in iterations: as it is, but never more than a tenth of the training
        longest = max((v for k, v in entry.items() if k == "end"), default=0)
        factor, most = min(1.0, 0.1 * steps / longest) if longest else 1.0, steps

    def scale(v: Any) -> Any:
        if isinstance(v, (list, tuple)):
            return sorted({scale(x) for x in v})
        return min(max(round(v * factor), 1 if v > 0 else 0), most) if isinstance(v, (int, float)) else v

    made = {k: scale(v) if k in SCALED else copy.deepcopy(v) for k, v in entry.items()}
    if "begin" in made and "end" in made and made["end"] <= made["begin"]:
        made["end"] = made["begin"] + 1
    return made


def _try(net: Any, loader: DataLoader, size: int) -> None:
    """One step with so many samples, for the advice after a lack of memory."""
    batch = loader.collate_fn([loader.dataset[i] for i in range(min(size, len(loader.dataset)))])  # type: ignore[arg-type]
    net.zero_grad(set_to_none=True)
    try:
        made = net.data_preprocessor(batch, True)
        loss, _ = net.parse_losses(net.loss(made["inputs"], made["data_samples"]))
        loss.backward()
    finally:
        net.zero_grad(set_to_none=True)


class _Told(Hook):
    """Tells the job's report, stops on a loss that is no number, measures, saves and resumes."""

    priority = "VERY_LOW"

    def __init__(
        self, h: Mapping[str, Any], folder: Path, classes: Any, report: Report, measure: Measure | None
    ) -> None:
        self.h, self.report, self.measure, self.classes = h, report, measure, classes
        self.resume = folder / "resume.pt"
        self.patience = guard.Patience(h["patience"], h["monitor"])
        self.metrics: dict[str, float] = {}
        self.last: Mapping[str, Any] = {}
        self.step = self.epoch = 0

    def before_train(self, runner: Any) -> None:
        parts = {
            "net": runner.model,
            "optim": runner.optim_wrapper,
            "ema": weights.Several([e.ema_model for e in _emas(runner)]),
            "schedules": weights.Several(runner.param_schedulers or []),
            "patience": self.patience,
        }
        self.kept = weights.Resumable(self.resume, parts, {})
        if (saved := self.kept.load(epoch=int, step=int, metrics=dict)) is not None:
            self.epoch, self.step, self.metrics = saved["epoch"], saved["step"], saved["metrics"]
            runner.train_loop._epoch, runner.train_loop._iter = self.epoch, self.step
        self.last = _averaged(runner)

    def after_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        rate = float(runner.optim_wrapper.get_lr()["lr"][0])
        loss = guard.finite(float(outputs["loss"].detach()), self.step, rate, self.resume)
        self.step += 1
        parts = {k: float(v.detach()) for k, v in outputs.items() if k != "loss" and k.startswith("loss")}
        self.report.step(self.step, samples=len(data_batch["inputs"]), loss=loss, lr=rate, **parts)

    def after_train_epoch(self, runner: Any) -> None:
        self.epoch = runner.epoch + 1
        due = self.epoch % self.h["validate_every"] == 0 or self.epoch == self.h["epochs"]
        with _average(runner):
            if self.measure is not None and due:
                self.metrics = dict(self.measure(runner.model))
                runner.model.train()
            self.last = {k: v.detach().clone() for k, v in runner.model.state_dict().items()}
        # told before it is saved: killed between the two, the epoch is done and told again
        self.report.epoch(self.epoch, self.step, **(self.metrics if due else {}))
        if due and self.patience.seen(self.epoch, self.metrics, lambda: self.last):
            runner.train_loop.stop_training = True
        self.kept.save(epoch=self.epoch, step=self.step, metrics=dict(self.metrics))


def _emas(runner: Any) -> list[Any]:
    return [h for h in runner.hooks if hasattr(h, "ema_model")]


@contextlib.contextmanager
def _average(runner: Any) -> Iterator[None]:
    """The averaged weights of a configuration's EMA hook in the network's place, for a while."""
    for e in _emas(runner):
        e._swap_ema_parameters()
    try:
        yield
    finally:
        for e in _emas(runner):
            e._swap_ema_parameters()


def _averaged(runner: Any) -> Mapping[str, Any]:
    with _average(runner):
        return {k: v.detach().clone() for k, v in runner.model.state_dict().items()}
