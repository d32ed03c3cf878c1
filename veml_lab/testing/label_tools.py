"""What every labelling tool keeps: nothing is there twice, answers come back by our IDs, empty is not skipped."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..labelling.comparison import counts, edits
from ..labelling.said import Kind, Region, Said
from ..labelling.tool import Answer, Item, Job, LabelTool
from .made import coloured


class LabelToolSuite:
    """``tool(folder)`` opens the tool; ``people`` does in it what people do.

    Attributes
    ----------
    skips
        Whether people can skip a picture in it.
    tolerance_px
        By how much sides of a box may differ that nobody touched.
    """

    skips = True
    tolerance_px = 1e-6

    def tool(self, folder: Path) -> LabelTool:
        """A new one, of a place that is this test's own."""
        raise NotImplementedError

    def people(self, tool: LabelTool, address: str, job: Job, said: Mapping[int, Said | None]) -> None:
        """Answer the samples as a person would in the tool; None skips one."""
        raise NotImplementedError

    def before(self, tool: LabelTool, address: str, job: Job) -> Mapping[int, Said]:
        """The pre-labels that the tool shows, of the samples that have any."""
        raise NotImplementedError

    def job(self, kind: Kind = "box", *, task: str = "t-suite", blind: int = 1) -> Job:
        """Six pictures with pre-labels, the last ``blind`` of them without."""
        items = []
        for k, r in enumerate(coloured(6, size_px=32).records()):
            label = r.label or ""
            shapes = (Region(label, 1.25 + k, 2, 7.3, 9.1, "p0"), Region("blue", 20, 18.5, 10, 11, "p1"))
            said = Said(label) if kind == "class" else Said(regions=shapes)
            image, give = r.image, functools.partial(bytes, r.image)
            item = Item(10 + 7 * k, hashlib.sha256(image).hexdigest(), r.uri, 32, 32, give, said, 0.5)
            items.append(item if k < 6 - blind else replace(item, before=None))
        return Job(task, "suite", "", kind, ("red", "green", "blue"), "a model", tuple(items))

    def sent(self, folder: Path, job: Job) -> tuple[LabelTool, str]:
        tool = self.tool(folder)
        return tool, tool.send(job)

    def test_what_is_sent_again_is_there_once(self, tmp_path: Path) -> None:
        job = self.job()
        tool, address = self.sent(tmp_path, job)
        assert tool.send(job) == address
        state = tool.state(address, job)
        assert (state.sent, state.done, state.skipped) == (6, 0, 0)
        assert list(_by_sample(tool, address, job)) == [], "what nobody looked at has no answer"

    def test_two_jobs_are_two_places_and_each_says_whose_it_is(self, tmp_path: Path) -> None:
        one, other = self.job(task="t-one"), replace(self.job(task="t-other"), name="the other")
        tool, address = self.sent(tmp_path, one)
        there = tool.send(other)
        assert there != address
        self.people(tool, there, other, {i.sample: Said() for i in other.items})
        assert tool.state(address, one).done == 0 and tool.state(there, other).done == 6
        assert {a.task for a in tool.fetch(there, other)} == {"t-other"}

    def test_pre_labels_are_shown_but_for_the_blind(self, tmp_path: Path) -> None:
        for kind in ("box", "class"):
            job = self.job(kind, task=f"t-{kind}", blind=2)
            tool, address = self.sent(tmp_path / kind, job)
            shown = self.before(tool, address, job)
            for item in job.items:
                if item.before is None:
                    assert shown.get(item.sample, Said()).empty
                else:
                    assert self.same(item.before, shown[item.sample])

    def test_answers_come_back_by_our_ids_as_they_were_given(self, tmp_path: Path) -> None:
        job = self.job()
        tool, address = self.sent(tmp_path, job)
        given: dict[int, Said | None] = {i.sample: i.before or Said() for i in job.items}
        moved = job.items[1].before
        assert moved is not None
        first, second = moved.regions
        given[job.items[1].sample] = Said(regions=(replace(first, x=first.x + 2),))
        self.people(tool, address, job, given)
        found = _by_sample(tool, address, job)
        assert set(found) == set(given)
        for item in job.items:
            answer, said = found[item.sample], given[item.sample]
            assert answer.task == job.task and item.sha256.startswith(answer.sha256) and len(answer.sha256) >= 16
            assert answer.said is not None and said is not None and self.same(said, answer.said)
        made = [e for i in job.items if i.before for e in edits(i.before, found[i.sample].said or Said())]
        assert (counts(made).kept, counts(made).changed, counts(made).deleted, counts(made).added) == (8, 1, 1, 0)
        assert second.label == "blue"

    def test_classes_come_back(self, tmp_path: Path) -> None:
        job = self.job("class")
        tool, address = self.sent(tmp_path, job)
        self.people(tool, address, job, {i.sample: Said("blue") for i in job.items})
        assert {a.said for a in tool.fetch(address, job)} == {Said("blue")}

    def test_nothing_in_a_picture_is_an_answer_and_a_skipped_one_is_none(self, tmp_path: Path) -> None:
        job = self.job()
        tool, address = self.sent(tmp_path, job)
        one, other = job.items[0].sample, job.items[1].sample
        given: dict[int, Said | None] = {i.sample: Said() for i in job.items}
        self.people(tool, address, job, given | ({other: None} if self.skips else {}))
        found = _by_sample(tool, address, job)
        assert found[one].said == Said()
        if self.skips:
            assert found[other].said is None
            state = tool.state(address, job)
            assert (state.done, state.skipped) == (5, 1)

    def same(self, a: Said, b: Said) -> bool:
        """Whether two say the same, in whatever order, to ``tolerance_px``."""
        one, other = (sorted(s.regions, key=lambda r: (r.label, r.x, r.y)) for s in (a, b))
        return (
            a.label == b.label
            and [r.label for r in one] == [r.label for r in other]
            and all(
                abs(p - q) <= self.tolerance_px
                for x, y in zip(one, other, strict=True)
                for p, q in zip(x.corners, y.corners, strict=True)
            )
        )


def _by_sample(tool: LabelTool, address: str, job: Job) -> dict[int, Answer]:
    return {a.sample: a for a in tool.fetch(address, job) if a.sample is not None}
