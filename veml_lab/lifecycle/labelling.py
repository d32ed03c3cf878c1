"""Labelling tasks: samples go out with pre-labels of a deployed model, come back, and become a data version."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog import Change
from ..errors import BadInput, NameTaken
from ..evaluation.kinds import SCORE
from ..labelling.files import FORMS
from ..labelling.http import checked_url
from ..labelling.said import Kind
from ..labelling.secret import keeps_secret
from ..labelling.tools import HERE, ON_A_SERVER, OURS, tool_named
from ..serving.predict import predict
from ..sources.source import Box
from ..storage.border import public
from ..versions import operations
from ..versions.corrections import prediction_layer
from ..versions.data import DataVersion
from ..versions.derivations import bitmap
from ..versions.inference import InferenceVersion
from ..versions.label_tasks import make_task, task_rows
from ..versions.samples import id_array
from ..versions.store import check_name, fitting, key_of
from .active import uncertainty
from .label_task import LabelTask

if TYPE_CHECKING:
    import numpy as np

    from ..evaluation.prediction import Prediction

KINDS: Mapping[str, Kind] = {"classification": "class", "detection": "box"}
Before = dict[int, list[Any]]  # sample ID -> its pre-labels, as annotations
CHOICES = ("random", "margin", "entropy")
MOST_BLIND = 0.5


@keeps_secret
@public
def label(
    pool: DataVersion,
    *,
    using: InferenceVersion | DataVersion | None = None,
    to: str | os.PathLike[str],
    n: int | None = None,
    name: str | None = None,
    annotators: Sequence[str] = (),
    each: int = 1,
    url: str | None = None,
    token: str | None = None,
    form: str = "label-studio",
    classes: Sequence[str] | None = None,
    choose: str = "random",
    least_score: float = SCORE,
    blind: float = 0.1,
    seed: int = 0,
    progress: bool = True,
) -> LabelTask:
    """Send samples of a pool to a labelling tool, pre-labelled by a deployed model.

    The task is kept in the lab before anything is sent; called again with the same arguments it goes on where a send
    broke off, and nothing is in the tool twice. What the model says is kept as an annotation layer of its own, so that
    what people keep, change and delete is the difference of two layers.

    Parameters
    ----------
    using
        Makes the pre-labels: a deployed model, or a data version with annotations of these samples. None: without.
    to
        A folder (``"tasks/"``: with a slash, or a path), ``"label-studio"``, ``"cvat"``, or a tool of another package
        (entry point ``veml_lab.label_tools``).
    n
        How many samples; default: all.
    name
        Of the task; default: the pool's with "labels".
    annotators
        Names of those among whom the samples are dealt; each gets a folder or a project. ``each`` says how many people
        get the same sample: with 2 their agreement can be measured.
    url, token
        Of a server. Rather than ``token`` set the variable ``LABEL_STUDIO_API_KEY`` or ``CVAT_ACCESS_TOKEN``; it is
        never kept.
    form
        Of files: ``"label-studio"``, ``"cvat"``, or MLife's documents ``"csv"``, ``"json"``, ``"xml"``.
    classes
        What may be said, in order; default: the pool's and the model's.
    choose
        Which samples, where ``n`` is less than all: ``"random"``, or those of which the model is least sure by
        ``"margin"`` or ``"entropy"``.
    least_score
        Boxes of which a detector is less sure are no pre-labels.
    blind
        Share of the samples that goes out without its pre-labels, at random: people keep plausible wrong boxes, and
        :attr:`LabelTask.bias` says how many.

    Returns
    -------
    LabelTask
        Its ``pull()`` fetches answers, its ``accept(name)`` makes them a data version.

    Raises
    ------
    NameTaken
        There is another task of that name.
    ToolError
        The server refused, or went away; call it again.

    Source
    ------
    MLife (DAM, Figs 7 and 13): work goes in tasks, "before labelling, the annotations in the documents are filled with
    pre-labelled data using ML models".

    Examples
    --------
    >>> task = veml.label(town, using=deployed, to="tasks/", n=12, name="night 3")
    >>> len(task), len(task.blind), task.tool
    (12, 1, 'files')
    """
    tool, where = _where(to, url)
    if tool == "files" and form not in FORMS:
        raise BadInput(f"files of a task have the form {', '.join(FORMS)}; got {form!r:.40}")
    kind, names = _kind(pool, using), _classes(pool, using, classes)
    people = _people(annotators, each)
    if not 0 <= blind <= MOST_BLIND:
        raise BadInput(f"blind is the share without pre-labels, 0 to {MOST_BLIND:g}; got {blind!r}")
    if choose not in CHOICES or (choose != "random" and not isinstance(using, InferenceVersion)):
        raise BadInput(f"choose is 'random', or with a deployed model 'margin' or 'entropy'; got {choose!r:.40}")
    if n is not None and (isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= len(pool)):
        raise BadInput(f"cannot send {n!r} of the {len(pool):,} samples of {pool.name!r}")
    name = name if name is not None else fitting(f"{pool.name} · labels")
    check_name(name)
    store = pool.store
    asked = key_of(
        pool.id, using.id if using else "", n, people, each, tool, where, form, names, choose, least_score, blind, seed
    )  # fmt: skip
    known = next((r for r in task_rows(store) if r.name == name), None)
    if known is not None:
        if known.terms["asked"] != asked:
            raise NameTaken(f"there is another labelling task {name!r} already; choose another name")
        task = LabelTask(store, known)
        return task if task.sent else task.send(token=token)
    data, said = _chosen(pool, using, kind, n, name, choose, least_score, seed, progress)
    unseen = _blind(data, blind if using is not None else 0.0, seed)
    id = f"t-{uuid.uuid4().hex[:12]}"
    layer, changes = "", list[Change]()
    if using is not None:
        layer, changes = prediction_layer(data, {kind: said}, {"task": id, "said_by": using.id})
    row = make_task(
        store,
        name,
        id=id,
        data=data.id,
        said_by=using.id if using else "",
        layer=layer,
        tool=tool,
        blind=bitmap(unseen),
        terms={
            "asked": asked,
            "kind": kind,
            "classes": names,
            "shares": _dealt(data, people, each, seed),
            "where": where,
            "form": form,
        },
        changes=changes,
    )
    return LabelTask(store, row).send(token=token)


def _where(to: str | os.PathLike[str], url: str | None) -> tuple[str, str]:
    """The tool, and its folder or address."""
    text = os.fspath(to) if isinstance(to, str | os.PathLike) else ""
    if not text:
        raise BadInput(f"to is a folder ('tasks/'), {', '.join(map(repr, OURS))}; got {to!r:.60}")
    if text.startswith(("http://", "https://")):
        raise BadInput("an address goes into url=...; to='label-studio' or to='cvat' says what answers there")
    if text not in OURS and text != HERE and (isinstance(to, os.PathLike) or "/" in text or os.sep in text):
        if url is not None:
            raise BadInput("url is for a server; to= is a folder here")
        return "files", str(Path(text).expanduser().absolute())
    tool_named(text)  # one that is not there is said before anything is made
    if text == "files":
        raise BadInput("for files name their folder: to='tasks/'")
    if url is None:
        if text in ON_A_SERVER:
            raise BadInput(f"to={text!r} wants the server's address: url='http://localhost:8080'")
        return text, ""
    return text, checked_url(url)


def _kind(pool: DataVersion, using: InferenceVersion | DataVersion | None) -> Kind:
    task = using.training.model.recipe["task"] if isinstance(using, InferenceVersion) else pool.task
    if task == "none" and isinstance(using, DataVersion):
        task = using.task
    if task not in KINDS or pool.task not in (task, "none"):
        raise BadInput(
            f"{pool.name!r} is for {pool.task}{f', the model for {task}' if using else ''}; labelling tasks are for"
            " classes (classification) and boxes (detection). Outlines, keypoints and texts go out with export()"
        )
    return KINDS[task]


def _classes(pool: DataVersion, using: InferenceVersion | DataVersion | None, given: Sequence[str] | None) -> list[str]:
    own = [*pool.classes, *(using.classes if using else ())]
    found = list(dict.fromkeys(own if given is None else given))
    odd = [c for c in found if not isinstance(c, str) or not c or c != c.strip() or not c.isprintable()]
    if odd or not found or isinstance(given, str):
        raise BadInput(
            f"classes are names that a tool can show, at least one; got"
            f" {(odd or given or found)!r:.80}. Give classes=[...]"
        )
    missing = [c for c in (using.classes if using else ()) if c not in found]
    if missing:
        raise BadInput(f"the pre-labels have the class {missing[0]!r}, which is not among classes; add it")
    return found


def _people(annotators: Sequence[str], each: int) -> list[str]:
    people = [annotators] if isinstance(annotators, str) else list(annotators)
    if len(set(people)) < len(people) or not all(isinstance(p, str) and p.strip() and p.isprintable() for p in people):
        raise BadInput(f"annotators are different names; got {people!r:.80}")
    if isinstance(each, bool) or not isinstance(each, int) or not 1 <= each <= max(len(people), 1):
        raise BadInput(f"each sample goes to 1 ... {max(len(people), 1)} of the annotators; got {each!r}")
    return people


def _chosen(
    pool: DataVersion,
    using: InferenceVersion | DataVersion | None,
    kind: Kind,
    n: int | None,
    name: str,
    choose: str,
    least_score: float,
    seed: int,
    progress: bool,
) -> tuple[DataVersion, Before]:
    """The samples that go out, and by sample ID what is said of them before."""
    import numpy as np

    data, prediction = pool, None
    if n is not None and n < len(pool):
        if choose == "random":
            at = np.random.default_rng(seed).choice(len(pool), n, replace=False)
        else:
            assert isinstance(using, InferenceVersion)
            prediction = predict(using, pool, progress=progress)
            at = np.argsort(-uncertainty(prediction, choose), kind="stable")[:n]
        how = {"choose": choose, "seed": seed, "n": n}
        data = operations.select(pool, fitting(f"{name} · samples"), at, operation="choose", details=how)
        prediction = _part(prediction, np.sort(at)) if prediction is not None else None
    if using is None:
        return data, {}
    if isinstance(using, DataVersion):
        return data, _of_version(using, data, kind)
    prediction = prediction if prediction is not None else predict(using, data, progress=progress)
    return data, _of_prediction(prediction, data, least_score)


def _part(p: Prediction, at: np.ndarray) -> Prediction:
    from ..evaluation.prediction import Prediction

    return Prediction(
        p.classes,
        None if p.probabilities is None else p.probabilities[at],
        None if p.detections is None else [p.detections[i] for i in at.tolist()],
    )


def _of_prediction(prediction: Prediction, data: DataVersion, least: float) -> Before:
    ids = id_array(data).tolist()
    if prediction.probabilities is not None:
        best = prediction.probabilities.argmax(1).tolist()
        return {i: [prediction.classes[c]] for i, c in zip(ids, best, strict=True)}
    assert prediction.detections is not None
    found: Before = {}
    sizes = zip(data.samples["width"].to_pylist(), data.samples["height"].to_pylist(), strict=True)
    for i, d, (w, h) in zip(ids, prediction.detections, sizes, strict=True):
        sure = d["scores"] >= least
        rows = zip(d["boxes"][sure].clip(0, [w, h, w, h]).tolist(), d["labels"][sure], d["scores"][sure], strict=True)
        found[i] = [
            Box(prediction.classes[int(c)], x, y, right - x, bottom - y, {"score": round(float(score), 4)})
            for (x, y, right, bottom), c, score in rows
            if right > x and bottom > y
        ]
    return found


def _of_version(using: DataVersion, data: DataVersion, kind: Kind) -> Before:
    if using.store is not data.store or data.ids - using.ids:
        raise BadInput(
            f"{using.name!r} does not have all samples that go out; its annotations cannot be their pre-labels"
        )
    there = using.annotations.of_kind(kind)
    return {i: list(there.get(i, ())) for i in data.ids}


def _blind(data: DataVersion, share: float, seed: int) -> list[int]:
    """The samples that go out without pre-labels: at least one, where any should."""
    import numpy as np

    n = min(len(data) - 1, max(round(share * len(data)), 1)) if share else 0
    chosen = np.random.default_rng([seed, 1]).choice(id_array(data), max(n, 0), replace=False)
    return sorted(int(i) for i in chosen)


def _dealt(data: DataVersion, people: Sequence[str], each: int, seed: int) -> dict[str, list[int]]:
    """Sample IDs by annotator, in a random order dealt in turn; {} where anybody may take any."""
    import numpy as np

    order = np.random.default_rng([seed, 2]).permutation(id_array(data)).tolist()
    found: dict[str, list[int]] = {p: [] for p in people}
    for k, i in enumerate(order):
        for j in range(each if people else 0):
            found[people[(k + j) % len(people)]].append(i)
    return {p: sorted(ids) for p, ids in found.items()}
