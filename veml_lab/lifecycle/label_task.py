"""One labelling task: who has what, what came back, what people did with the pre-labels, and the version it becomes."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from .._html import table
from ..errors import BadInput, MissingFile
from ..labelling.agreement import Agreement, agree, agreement, both, majority
from ..labelling.comparison import Counts, Edit, by_class, counts, edits
from ..labelling.said import Kind, Region, Said, from_plain
from ..labelling.secret import Secret, keeps_secret
from ..labelling.tool import Answer, Item, Job, LabelTool, Options, State
from ..labelling.tools import tool_named
from ..lineage import version_of
from ..sources.decoder import upright_bytes
from ..sources.source import Box
from ..storage.border import public
from ..versions.corrections import labelled, said_in
from ..versions.data import DataVersion
from ..versions.derivations import bitmap
from ..versions.inference import InferenceVersion
from ..versions.label_tasks import AnswerRow, TaskRow, answer_rows, keep_answers, new_event, task_events
from ..versions.samples import asked, id_array
from ..versions.store import VersionStore, counted
from .label_reports import Bias, Kept, Pull

TAKES = ("majority", "latest", "both")
NAMED = 5  # samples that a message names


@keeps_secret
@public
@dataclass(frozen=True, eq=False, repr=False)
class LabelTask:
    """Samples that went out for labelling; :func:`veml_lab.label` makes one, ``lab.tasks`` lists them.

    Examples
    --------
    >>> task = veml.label(town, using=deployed, to="tasks/", n=4, name="night 4")
    >>> lab.tasks["night 4"].state().done
    0
    """

    store: VersionStore = field(repr=False)
    row: TaskRow = field(repr=False)

    # -- what it is ------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def tool(self) -> str:
        """``"files"``, ``"label-studio"``, ``"cvat"``, or that of another package."""
        return self.row.tool

    @property
    def kind(self) -> Kind:
        """``"class"`` or ``"box"``: what is labelled."""
        return self.row.terms["kind"]

    @property
    def classes(self) -> tuple[str, ...]:
        """What may be said, in the order of the tool's list."""
        return tuple(self.row.terms["classes"])

    @property
    def annotators(self) -> tuple[str, ...]:
        """Those who have a share each; () where anybody may take any sample."""
        return tuple(self.row.terms["shares"])

    @functools.cached_property
    def data(self) -> DataVersion:
        """The samples that went out."""
        return DataVersion(self.store, self.store.graph().find(self.row.data, "data"))

    @property
    def said_by(self) -> InferenceVersion | DataVersion | None:
        """What made the pre-labels."""
        found = version_of(self.store, self.store.graph().find(self.row.said_by)) if self.row.said_by else None
        assert found is None or isinstance(found, InferenceVersion | DataVersion)
        return found

    @property
    def blind(self) -> list[int]:
        """IDs of the samples that went out without pre-labels."""
        return list(self.row.blind)

    def __len__(self) -> int:
        return len(self.data)

    @property
    def addresses(self) -> dict[str, str]:
        """Where it is: a folder or an address by annotator, "" for everybody; empty where it was not sent yet."""
        sent = [e for e in task_events(self.store, self.id) if e.what == "sent"]
        return dict(sent[-1].value["addresses"]) if sent else {}

    @property
    def sent(self) -> bool:
        """Whether all of it went out."""
        return bool(self.addresses)

    @property
    def accepted(self) -> list[str]:
        """Names of the data versions that were made of it."""
        return list(dict.fromkeys(e.value["name"] for e in task_events(self.store, self.id) if e.what == "accepted"))

    # -- out and back ----------------------------------------------------------------------------

    def send(self, *, token: str | None = None) -> Self:
        """Send what is not in the tool yet; a send that broke off goes on, and nothing is there twice."""
        tool = self._tool(token)
        addresses = {who: tool.send(job) for who, job in self._jobs().items()}
        if addresses != self.addresses:
            keep_answers(self.store, (), new_event(self.store, self.id, "sent", {"addresses": addresses}))
        return self

    def state(self, *, token: str | None = None) -> State:
        """How far it is, as the tool says now."""
        found = self.states(token=token).values()
        return State(sum(s.sent for s in found), sum(s.done for s in found), sum(s.skipped for s in found))

    def states(self, *, token: str | None = None) -> dict[str, State]:
        """The same by annotator: who has what."""
        tool, jobs = self._tool(token), self._jobs()
        return {who: tool.state(address, jobs[who]) for who, address in self._where().items()}

    def pull(self, source: str | Path | None = None, *, token: str | None = None) -> Pull:
        """Fetch what was said until now; asked again it takes what is new.

        A sample is known by the lab's ID and the digest of its bytes, which went out with it. Pictures of the task
        that the lab does not know are named and not imported; foreign ones are counted. An empty answer says that
        nothing is there; a skipped one is no answer. An answer with a class that the task does not have, or with a
        turned box, is named and not taken: mend it in the tool and pull again.

        Parameters
        ----------
        source
            The file that a tool exported, or a folder of such; default: where it was sent to.
        """
        if source is not None and self.tool != "files":
            raise BadInput(f"a file is for tasks that went out as files; {self.name!r} is in {self.tool}")
        tool, jobs = self._tool(token), self._jobs()
        if source is None:
            answers = [a for who, address in self._where().items() for a in tool.fetch(address, jobs[who])]
        elif not Path(source).expanduser().exists():
            raise MissingFile(f"there is no file or folder {str(source)!r}; check the path")
        else:
            answers = list(tool.fetch(str(Path(source).expanduser().absolute()), self._job("", list(self.data.ids))))
        return self._taken(answers)

    def _taken(self, answers: Sequence[Answer]) -> Pull:
        """Keep what is new among answers, and say what came."""
        foreign, unknown, unusable, odd = set(), [], [], []
        usable: list[Answer] = []
        for a in answers:
            if a.task.partition("/")[0] != self.id:
                foreign.add(a.where)
            elif not self._knows(a):
                unknown.append(f"{a.where}: sample {a.sample}")
            elif a.unusable:
                unusable.append(f"{self._uris[a.sample]} ({a.annotator or 'nobody named'}): {a.unusable}")
            else:
                usable.append(a)
                odd += [f"{self._uris[a.sample]}: {o}" for o in a.odd]
        last = {(r.sample, r.annotator): r for r in answer_rows(self.store, self.id)}
        newest = {(a.sample, a.annotator): a for a in sorted(usable, key=lambda a: a.stamp)}
        rows = []
        for (sample, who), a in newest.items():
            assert sample is not None
            before, said = last.get((sample, who)), None if a.said is None else a.said.to_plain()
            if before is None or before.said != said:
                number = 0 if before is None else before.number + 1
                rows.append(AnswerRow(self.id, sample, who, number, a.stamp, said))
        if rows:
            event = new_event(self.store, self.id, "pulled", {"new": len(rows), "unknown": len(unknown)})
            keep_answers(self.store, rows, event)
        return self._report(len(rows), len(foreign), unknown, unusable, odd)

    def _report(self, new: int, foreign: int, unknown: list[str], unusable: list[str], odd: list[str]) -> Pull:
        latest = self._latest()
        people = {i for (i, _), said in latest.items() if said is not None}
        skipped = {i for (i, _), said in latest.items() if said is None} - people
        emptied = {
            i
            for (i, _), said in latest.items()
            if said is not None and said.empty and i in self._shown and not self._before[i].empty
        }
        return Pull(
            task=self.name,
            sent=len(self),
            back=len(people),
            new=new,
            counts=counts(e for _, e in self._edits()),
            emptied=len(emptied),
            skipped=len(skipped),
            foreign=foreign,
            unknown=tuple(unknown),
            unusable=tuple(unusable),
            left_out=tuple(odd),
            after_accept=tuple(self._uris[i] for i in self._edited()),
            accepted=self.accepted[-1] if self.accepted else "",
        )

    # -- what people did -------------------------------------------------------------------------

    @property
    def kept(self) -> Kept:
        """By class, how much of the pre-labels people kept: the running estimate of the model's precision."""
        made = [e for _, e in self._edits()]
        return Kept(self.name, by_class(made, self.classes), counts(made))

    @property
    def bias(self) -> Bias:
        """How much more people confirm of what they were shown than of what they were not.

        Of the samples that went out blind the model's answer was kept in the lab; it is compared with what people
        said without it.
        """
        shown = [e for _, e in self._edits()]
        hidden = [e for i, said in self._each() if i in self.row.blind for e in edits(self._before.get(i), said)]
        n = [sum((i in self.row.blind) is unseen for i, _ in self._each()) for unseen in (False, True)]
        return Bias(counts(shown), counts(hidden), n[0], n[1])

    @property
    def agreement(self) -> list[Agreement]:
        """Every two people who answered samples in common: Cohen's kappa of classes, F1 of boxes at IoU 0.5."""
        said: dict[str, dict[int, Said]] = {}
        for (i, who), s in self._latest().items():
            if s is not None:
                said.setdefault(who, {})[i] = s
        pairs = itertools.combinations(sorted(said), 2)
        return [found for a, b in pairs if (found := agreement(a, b, said[a], said[b], self.kind)) is not None]

    # -- a data version --------------------------------------------------------------------------

    def accept(self, name: str, *, take: str | None = None, note: str = "") -> DataVersion:
        """Make what people said a data version, with an annotation layer of its own and an edge ``labelled_by``.

        It has the samples that were answered: an empty answer is a picture with nothing in it, what was skipped or
        did not come back is left out. Accepting the same again gives the version that is there.

        Parameters
        ----------
        take
            Where people disagree: ``"majority"`` (what more than half said), ``"latest"`` (of the person who answered
            last), ``"both"`` (every box that anybody drew, once). Default: it is refused, and the samples are named.

        Raises
        ------
        BadInput
            Nothing came back yet, people disagree, or no class has a majority.
        NameTaken
            There is another version of that name; so it is where answers were changed since it was accepted.
        """
        if take is not None and take not in TAKES:
            raise BadInput(f"take is {', '.join(map(repr, TAKES))}; got {take!r:.40}")
        if take == "both" and self.kind == "class":
            raise BadInput("a picture has one class, so take='both' is for boxes; take 'majority' or 'latest'")
        chosen = self._merged(take)
        if self.kind == "class":  # no class is no label, as for every picture without one
            chosen = {i: s for i, s in chosen.items() if s.label is not None}
        if not chosen:
            raise BadInput(f"nothing came back of {self.name!r} yet; pull() fetches what there is")
        new = _annotations(self.kind, chosen)
        operation = {"task": self.id, "name": self.name, "take": take or "", "note": note}
        task = {"class": "classification", "box": "detection"}[self.kind]
        version = labelled(self.data, name, new, bitmap(sorted(chosen)), operation, task)
        edge = {"task": self.id, "n": len(chosen), **_plain(counts(e for _, e in self._edits()))}
        self.store.link(self.row.said_by or self.row.data, version.id, "labelled_by", edge)
        seen = {"name": name, "version": version.id, "answers": len(answer_rows(self.store, self.id))}
        if not any(e.value == seen for e in task_events(self.store, self.id) if e.what == "accepted"):
            keep_answers(self.store, (), new_event(self.store, self.id, "accepted", seen))
        return version

    def _merged(self, take: str | None) -> dict[int, Said]:
        """One answer a sample."""
        said: dict[int, list[Said]] = {}
        for i, s in self._each():
            said.setdefault(i, []).append(s)
        split = [i for i, s in said.items() if not agree(s)]
        if split and take is None:
            ways = "'majority' or 'latest'" if self.kind == "class" else "'majority', 'latest' or 'both'"
            raise BadInput(
                f"of {self.name!r} {counted(len(split), 'sample')} {'was' if len(split) == 1 else 'were'} answered"
                f" differently: {self._names(split)}. Say take={ways}"
            )
        if take == "majority":
            found = {i: majority(s) for i, s in said.items()}
            tied = [i for i, s in found.items() if s is None]
            if tied:
                raise BadInput(f"no class has a majority for {self._names(tied)}; say take='latest', or ask a third")
            return {i: s for i, s in found.items() if s is not None}
        return {i: both(s) if take == "both" else s[-1] for i, s in said.items()}

    def _names(self, ids: Sequence[int]) -> str:
        names = ", ".join(self._uris[i] for i in ids[:NAMED])
        return names + (f" and {len(ids) - NAMED} more" if len(ids) > NAMED else "")

    # -- what it reads ---------------------------------------------------------------------------

    @functools.cached_property
    def _uris(self) -> dict[Any, str]:
        return dict(zip(id_array(self.data).tolist(), self.data.samples["uri"].to_pylist(), strict=True))

    @functools.cached_property
    def _digests(self) -> dict[Any, str]:
        table = asked(self.data, "hashes")
        return dict(zip(table["id"].to_pylist(), (h.hex() for h in table["sha256"].to_pylist()), strict=True))

    @functools.cached_property
    def _layer(self) -> dict[int, list[Any]]:
        """The rows of the pre-labels."""
        return said_in(self.data, self.row.layer, self.kind, self.data.ids) if self.row.layer else {}

    @functools.cached_property
    def _before(self) -> dict[int, Said]:
        """What the model said of each sample, the blind ones too; {} without a model."""
        there, ids = self._layer, self.data.ids if self.row.layer else ()
        if self.kind == "class":
            return {i: Said(next(iter(there.get(i, ())), None)) for i in ids}
        return {
            i: Said(regions=tuple(Region(b.label, b.x, b.y, b.w, b.h, f"p{k}") for k, b in enumerate(there.get(i, ()))))
            for i in ids
        }

    @property
    def _shown(self) -> set[int]:
        """Samples that went out with pre-labels."""
        return set(self._before) - set(self.row.blind)

    def _knows(self, a: Answer) -> bool:
        digest = self._digests.get(a.sample)
        return digest is not None and len(a.sha256) >= 16 and digest.startswith(a.sha256)

    def _latest(self) -> dict[tuple[int, str], Said | None]:
        """The last answer of each person to each sample, in the order in which they were given; None: skipped."""
        rows = {(r.sample, r.annotator): r for r in answer_rows(self.store, self.id)}
        ordered = sorted(rows.items(), key=lambda kr: kr[1].stamp)  # stable: without a stamp as they came
        return {key: None if r.said is None else from_plain(r.said) for key, r in ordered}

    def _each(self) -> list[tuple[int, Said]]:
        """Sample and answer, of each person the last that was no skip."""
        return [(i, said) for (i, _), said in self._latest().items() if said is not None]

    def _edits(self) -> list[tuple[int, Edit]]:
        """What became of the pre-labels that people were shown."""
        shown = self._shown
        return [(i, e) for i, said in self._each() if i in shown for e in edits(self._before[i], said)]

    def _edited(self) -> list[int]:
        """Samples that were answered anew since the last accept."""
        accepted = [e for e in task_events(self.store, self.id) if e.what == "accepted"]
        if not accepted:
            return []
        return list(dict.fromkeys(r.sample for r in answer_rows(self.store, self.id)[accepted[-1].value["answers"] :]))

    # -- the tool --------------------------------------------------------------------------------

    def _tool(self, token: Secret | str | None) -> LabelTool:
        secret = Secret(token) if isinstance(token, str) else token
        return tool_named(self.tool)(Options(self.row.terms["where"], secret, self.row.terms["form"]))

    def _where(self) -> dict[str, str]:
        if not self.sent:
            raise BadInput(f"{self.name!r} did not go out whole; send it again with .send()")
        return self.addresses

    def _jobs(self) -> dict[str, Job]:
        shares: Mapping[str, list[int]] = self.row.terms["shares"] or {"": list(self.data.ids)}
        return {who: self._job(who, ids, k) for k, (who, ids) in enumerate(shares.items())}

    def _job(self, who: str, ids: Sequence[int], number: int = 0) -> Job:
        said_by = self.said_by
        return Job(
            f"{self.id}/{number}" if who else self.id,
            self.name,
            who,
            self.kind,
            self.classes,
            said_by.name if said_by else "",
            tuple(self._items(ids)),
        )

    def _items(self, ids: Iterable[int]) -> Iterator[Item]:
        at = {i: k for k, i in enumerate(id_array(self.data).tolist())}
        sizes = list(zip(self.data.samples["width"].to_pylist(), self.data.samples["height"].to_pylist(), strict=True))
        shown = self._shown
        for i in ids:
            k = at[i]
            sure = [
                b.attributes["score"] for b in self._layer.get(i, ()) if isinstance(b, Box) and "score" in b.attributes
            ]
            yield Item(
                i,
                self._digests[i],
                self._uris[i],
                *sizes[k],
                image=functools.partial(_picture, self.data, k, self._uris[i], sizes[k]),
                before=self._before[i] if i in shown else None,
                score=sum(sure) / len(sure) if sure else 0.0,
            )

    # -- itself ----------------------------------------------------------------------------------

    def summary(self) -> str:
        """One line."""
        back = len({i for i, _ in self._each()})
        parts = [counted(len(self), "sample")]
        if (by := self.said_by) is not None:
            parts.append(f"{len(self._shown)} pre-labelled by {by.name!r}")
        parts.append(f"out since {self.row.made:%Y-%m-%d %H:%M}" if self.sent else "not sent whole")
        parts.append(f"{back} back")
        if self.accepted:
            parts.append(f"accepted as {', '.join(map(repr, self.accepted))}")
            if edited := self._edited():
                parts.append(f"{counted(len(edited), 'sample')} edited since")
        return ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """What ``veml label --json`` prints."""
        return {
            "name": self.name, "tool": self.tool, "addresses": self.addresses, "data": self.data.name,
            "said_by": by.name if (by := self.said_by) else None, "n": len(self), "blind": len(self.blind),
            "back": len({i for i, _ in self._each()}), "annotators": list(self.annotators), "accepted": self.accepted,
            "counts": _plain(counts(e for _, e in self._edits())), "made": self.row.made.isoformat(),
        }  # fmt: skip

    def __repr__(self) -> str:
        return f"<label task {self.name!r} in {self.tool}: {self.summary()}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        rows = [[who or "everybody", address] for who, address in self.addresses.items()]
        html = table(("who", "where"), rows, above=f"Label task {self.name}: {self.summary()}")
        return {"text/plain": repr(self), "text/html": html}


def _picture(data: DataVersion, position: int, uri: str, size: tuple[int, int]) -> bytes:
    """The picture as a tool shows it: upright."""
    return upright_bytes(data.images.encoded(position), uri, size=size)


def _annotations(kind: Kind, said: Mapping[int, Said]) -> dict[str, dict[int, list[Any]]]:
    if kind == "class":
        return {"class": {i: [s.label] for i, s in said.items()}}
    return {"box": {i: [Box(r.label, r.x, r.y, r.w, r.h) for r in s.regions] for i, s in said.items()}}


def _plain(c: Counts) -> dict[str, int]:
    return {"kept": c.kept, "changed": c.changed, "deleted": c.deleted, "added": c.added}
