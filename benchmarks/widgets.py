"""Timings of the widgets in a real Chromium, each against its bound of the issue where it names one.

``python benchmarks/widgets.py [--quick] [--lab N] [--log N] [--charts] [--json FILE]`` prints a table. The drawings are
the built ones (veml_lab/static), put into an empty page with a model that a few lines of script answer, so that what is
measured is the drawing and not a kernel; ``--lab N`` measures that other half: a lab of N samples with pictures is
made in a temporary folder, and the wall of a fresh process asks it for pages, filters and orders. ``--log N``
measures both halves of the curves of one run of N steps, whose log is written by the trainings' own log writer.
``--charts`` measures pages with one and with twelve charts, beside what plotly's own widget sends.
Without a GPU, Chromium draws by software: frames there say little about a desktop.
"""

from __future__ import annotations

import argparse
import http.server
import io
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parents[1] / "veml_lab" / "static"
PAGE = """<!doctype html><html><body style="margin:0"><div id="host" style="width:1400px"></div><script type="module">
globalThis[Symbol.for('veml-lab:plotly')] = { source: () => import('/static/plotly.js') };
window.frame = () => new Promise(r => requestAnimationFrame(() => r(performance.now())));
window.draw = async (file, state, answer) => {
  const { default: widget } = await import(`/static/${file}.js`);
  const heard = {};
  const model = {
    get: n => state[n],
    set: (n, v) => { state[n] = v; (heard[`change:${n}`] ?? []).forEach(f => f()); },
    save_changes() {},
    on: (e, f) => (heard[e] ??= []).push(f), off() {},
    send: m => answer && answer(m).then(
      ([content, buffers]) => (heard['msg:custom'] ?? []).forEach(f => f(content, buffers)))
  };
  const host = document.getElementById('host');
  window.clean?.();
  host.replaceChildren();
  const began = performance.now();
  window.clean = widget.render({ model, el: host });
  return began;
};
window.until = async (test, ms = 60000) => {
  const end = performance.now() + ms;
  while (!test()) { if (performance.now() > end) throw new Error('never'); await frame(); }
  return performance.now();
};
window.fps = async (steps, act) => {
  const times = [];
  for (let i = 0; i < steps; i++) { act(i); times.push(await frame()); }
  return (1000 * (times.length - 1)) / (times.at(-1) - times[0]);
};
window.lab = n => {
  const nodes = [], edges = [], kinds = ['data', 'data', 'model', 'training', 'training', 'inference'];
  let seed = 7; const next = k => (seed = (seed * 1103515245 + 12345) % 2147483648) % k;
  for (let i = 0; i < n; i++) {
    nodes.push({ id: `v${i}`, kind: kinds[i % 6], name: `version ${i}`, detail: {} });
    if (i > 20) for (let k = 0; k < 1 + next(2); k++)
      edges.push({ source: `v${Math.max(0, i - 1 - next(300))}`, target: `v${i}`, type: 'derived_from' });
  }
  return { nodes, edges, selected: '', height: 800, metadata: true };
};
window.ready = true;
</script></body></html>"""


def jpeg() -> bytes:
    """A picture of 128 px that does not compress to nothing."""
    import numpy as np
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8)).resize((128, 128)).save(
        out, "JPEG", quality=80
    )
    return out.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    """The page, the drawings, one picture."""

    def do_GET(self) -> None:
        name = self.path.split("?")[0]
        if name == "/":
            self._send(PAGE.encode(), "text/html")
        elif name == "/picture":
            self._send(PICTURE, "image/jpeg")
        elif name.startswith("/static/") and (STATIC / Path(name).name).is_file():
            self._send((STATIC / Path(name).name).read_bytes(), "text/javascript")
        else:
            self.send_error(404)

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


PICTURE = jpeg()

GRAPH = """async n => {
  const began = await draw('lineage', lab(n));
  const first = await until(() => document.querySelector('.veml-graph')?.dataset.ready === '1') - began;
  const canvas = document.querySelector('canvas');
  const move = (type, x) => canvas.dispatchEvent(
    new PointerEvent(type, { clientX: x, clientY: 300, bubbles: true, pointerId: 1 }));
  move('pointerdown', 300);
  const before = await spent();
  const rate = await fps(60, i => move('pointermove', 310 + 4 * i));
  const panned = await spent();
  move('pointerup', 560);
  await new Promise(r => setTimeout(r, 400));
  const still = await spent();
  canvas.focus();
  const at = { clientX: 700, clientY: 400, bubbles: true, cancelable: true, ctrlKey: true };
  const zoomed = await fps(60, i => canvas.dispatchEvent(
    new WheelEvent('wheel', { deltaY: i % 40 < 20 ? -40 : 40, ...at })));
  const after = await spent();
  const each = (a, b) => b.map((v, k) => (v - a[k]) / 60);
  const nodes = Number(document.querySelector('.veml-graph').dataset.nodes);
  return [first, rate, nodes, ...each(before, panned), zoomed, ...each(still, after)];
}"""
WALL = """async n => {
  const bytes = await (await fetch('/picture')).arrayBuffer();
  const marks = p => ({ label: null, boxes: [[0.1, 0.1, 0.5, 0.5, `c${p % 4}`]] });
  const answer = async m => [
    { type: 'samples', request: m.request, positions: m.positions, annotations: m.positions.map(marks) },
    m.positions.map(() => new DataView(bytes))];
  const state = {
    count: n, thumb_px: 128, height: 700, classes: [], selected: [], title: '', layers: [], compare: [], filters: {},
    orders: [], saves: [] };
  const began = await draw('browser', state, answer);
  const root = () => document.querySelector('.veml-browser');
  const first = await until(() => Number(root()?.dataset.loaded) > 0) - began;
  const wall = document.querySelector('.veml-wall');
  const rate = await fps(60, i => { wall.scrollTop += 90; });
  const before = Number(root().dataset.loaded), jumped = performance.now();
  wall.scrollTop = wall.scrollHeight * 0.7;
  const jump = await until(() => Number(root().dataset.loaded) > before) - jumped;
  return [first, rate, jump];
}"""
MAP = """async n => {
  const xy = new Float32Array(2 * n), groups = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    groups[i] = i % 8;
    const a = 0.7 * groups[i];
    xy[2 * i] = 0.6 * Math.cos(a) + 0.25 * (Math.random() - 0.5);
    xy[2 * i + 1] = 0.6 * Math.sin(a) + 0.25 * (Math.random() - 0.5);
  }
  const state = {
    xy: new DataView(xy.buffer), groups: new DataView(groups.buffer), names: [...'abcdefgh'],
    selected: new DataView(new ArrayBuffer(0)), pictures: false, saves: false, title: '', height: 700 };
  const began = await draw('embedding', state);
  const first = await until(() => document.querySelector('.veml-embedding')?.dataset.ready === '1', 120000) - began;
  return [first, document.querySelector('.veml-embedding').dataset.plain === '1' ? 0 : 1];
}"""
RUNS = """async n => {
  const rows = Array.from({ length: n }, (_, i) => ({
    name: `run ${i}`, lr: Math.random(), width: 2 ** (i % 6), method: ['a', 'b', 'c'][i % 3],
    accuracy: Math.random() }));
  const began = await draw('runs', { rows, metric: 'accuracy', lower_is_better: false, selected: [], title: 'Runs' });
  const first = await until(() => document.querySelector('.veml-runs')?.dataset.ready === '1') - began;
  const search = document.querySelector('input[type=search]'), typed = performance.now();
  search.value = 'run 7'; search.dispatchEvent(new Event('input')); await frame();
  return [first, performance.now() - typed];
}"""


CURVES = """async ({ state, zoom }) => {
  const answer = async m => [await window.ask(m), []];
  const began = await draw('curves', state, answer);
  const root = () => document.querySelector('.veml-curves');
  const drawn = () => Number(document.querySelector('.veml-curves [data-chart=loss]')?.dataset.points ?? 0);
  await until(() => drawn() > 0);
  const first = await frame() - began;
  const points = drawn();
  const [from, to] = document.querySelectorAll('.veml-curves input[type=number]'), asked = performance.now();
  from.value = zoom[0]; to.value = zoom[1]; to.dispatchEvent(new Event('change'));
  await until(() => root().dataset.finer === 'true' && drawn() !== points);
  return [first, points, await frame() - asked, drawn()];
}"""


CHARTS = """async ({ count, state }) => {
  delete globalThis[Symbol.for('veml-lab:plotly')].library;
  const name = Object.keys(state.charts)[0];
  const charts = Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name} ${i}`, state.charts[name]]));
  performance.clearResourceTimings();
  const began = await draw('chart', { ...state, charts });
  await until(() => document.querySelectorAll('.veml-chart[data-ready="1"]').length > 0);
  const first = await frame() - began;
  await until(() => document.querySelectorAll('.veml-chart[data-ready="1"]').length === count);
  const all = await frame() - began;
  const sent = performance.getEntriesByType('resource').reduce((n, r) => n + r.encodedBodySize, 0);
  return [first, all, sent];
}"""


def measure_charts() -> list[dict[str, Any]]:
    """One and twelve charts in a page of its own each: the first picture, all of them, and what was sent, beside what
    plotly's own FigureWidget sends for the same figures."""
    import importlib.util

    import numpy as np

    from veml_lab.figures.look import figure_of
    from veml_lab.widgets import TrainingCurves
    from veml_lab.widgets._base import alone

    rng = np.random.default_rng(0)
    runs = {f"run {k}": {"loss": np.column_stack([np.arange(1000), rng.normal(size=1000)])} for k in range(6)}
    with alone():
        curves = TrainingCurves(runs)
    state = {"charts": dict(curves.charts), "title": "", "event": {}}
    figure = len(json.dumps(state["charts"]))
    rows: list[dict[str, Any]] = []

    def row(what: str, value: float, unit: str) -> None:
        rows.append({"what": what, "value": round(value, 1), "unit": unit, "bound": None, "met": None})

    for count in (1, 12):
        first, every, sent = in_chromium(lambda page, n=count: page.evaluate(CHARTS, {"count": n, "state": state}))
        row(f"{count} charts of 6 runs: first picture, library and drawing fetched", first, "ms")
        row(f"{count} charts of 6 runs: all drawn", every, "ms")
        row(f"{count} charts of 6 runs: scripts sent, uncompressed", sent / 1024, "KiB")
        row(f"{count} charts of 6 runs: figures sent", count * figure / 1024, "KiB")
        if importlib.util.find_spec("anywidget"):
            from plotly.graph_objects import FigureWidget

            theirs = [FigureWidget(figure_of(curves.specs()["loss"])) for _ in range(count)]
            scripts = sum(len(str(w._esm)) for w in theirs)
            row(f"{count} of plotly's FigureWidget: script sent with them", scripts / 1024, "KiB")
    return rows


def measure(page: Any, quick: bool) -> list[dict[str, Any]]:
    """Rows of the table: what, value, unit, bound."""
    rows: list[dict[str, Any]] = []

    def row(what: str, value: float, unit: str, bound: float | None = None, most: bool = True) -> None:
        rows.append(
            {
                "what": what,
                "value": round(value, 1),
                "unit": unit,
                "bound": bound,
                "met": None if bound is None else (value <= bound if most else value >= bound),
            }
        )

    def run(script: str, n: int) -> list[float]:
        return page.evaluate(script, n)

    run(GRAPH, 50)  # the first drawing of a page pays for its script
    for n in (1000,) if quick else (1000, 5000, 10_000):
        first, rate, shown, script, whole, zoomed, zoom_script, zoom_whole = run(GRAPH, n)
        what = f"lineage graph, {n:,} versions" + ("" if shown == n else f" in {shown:.0f} families and versions")
        row(f"{what}: first picture", first, "ms", 2000)
        row(f"{what}: panning", rate, "frames/s", 60 if n == 1000 else None, most=False)
        row(f"{what}: panning, script a frame", script, "ms")
        row(f"{what}: panning, script and painting, a frame", whole, "ms", 8 if n == 1000 else None)
        row(f"{what}: zooming", zoomed, "frames/s")
        row(f"{what}: zooming, script a frame", zoom_script, "ms")
        row(f"{what}: zooming, script and painting, a frame", zoom_whole, "ms", 8 if n == 1000 else None)
    for n in (20_000,) if quick else (20_000, 2_000_000):
        first, rate, jump = run(WALL, n)
        row(f"image wall, {n:,} samples: first screen", first, "ms", 2000)
        row(f"image wall, {n:,} samples: scrolling", rate, "frames/s")
        row(f"image wall, {n:,} samples: jump to 70 %", jump, "ms")
    for n in (50_000,) if quick else (100_000, 1_000_000):
        first, webgl = run(MAP, n)
        row(f"embedding map, {n:,} points{'' if webgl else ' (no WebGL here: a part)'}: first picture", first, "ms")
    for n in (200,) if quick else (200, 2000):
        first, typed = run(RUNS, n)
        row(f"table of {n:,} runs with parallel coordinates: first picture", first, "ms")
        row(f"table of {n:,} runs: a word typed into the filter", typed, "ms")
    return rows


def make_lab(folder: Path, n: int) -> None:
    """A lab whose one data version has n samples, one box each; 64 distinct pictures, whose bytes are stored once."""
    import numpy as np
    from PIL import Image

    import veml_lab as veml
    from veml_lab.sources.source import Box, Record, Source

    rng = np.random.default_rng(0)
    names = tuple(f"class {i}" for i in range(10))
    pictures = []
    for k in range(64):
        out, width = io.BytesIO(), 48 + 4 * (k % 8)
        Image.fromarray(rng.integers(0, 255, (6, 6, 3), np.uint8)).resize((width, 48)).save(out, "JPEG")
        pictures.append((out.getvalue(), width))

    def records() -> Any:
        for i in range(n):
            picture, width = pictures[i % 64]
            box = Box(names[i * 7 % 10], 2.0, 3.0, 10.0 + i % 20, 12.0)
            yield Record(
                f"drive/{i:07d}.jpg",
                picture,
                width,
                48,
                boxes=(box,),
                columns={"weather": ("clear", "rain", "fog")[i % 3]},
            )

    source = Source("synthetic", "wall", "detection", names, records, n, f"wall-{n}")
    veml.open(folder).add("wall", source, progress=False)


ASK = """
import json, sys, time
import veml_lab as veml
from veml_lab.faces.drawn import _browse
out = []
def timed(what, bound, ask):
    began = time.perf_counter()
    got = ask()
    out.append((what, 1000 * (time.perf_counter() - began), bound))
    assert not isinstance(got, tuple) or got[0]["type"] != "error", got
    return got
def first():
    global wall, n
    version = veml.open(sys.argv[1])["wall"]
    wall, n = _browse(version), len(version)
    return page(0)
page = lambda at: wall.answered({"type": "get", "request": 1, "positions": list(range(at, at + 60))})
timed("lab opened, wall made, first 60 pictures", 2000, first)
timed("page at 70 %", 2000, lambda: page(7 * n // 10))
for fact, values in wall.filters.items():
    timed(f"filter by {fact}", 2000, lambda: wall.answered({"type": "find", "request": 1, "where": {fact: values[0]}}))
for by in wall.orders:
    asked = {"type": "find", "request": 1, "where": {}, "by": by, "descending": True}
    timed(f"sort by {by}", 2000, lambda: wall.answered(asked))
print(json.dumps(out))
"""


def measure_lab(n: int) -> list[dict[str, Any]]:
    """What a wall's questions take in the kernel: rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        make_lab(Path(folder) / "lab", n)
        said = subprocess.run(
            [sys.executable, "-c", ASK, str(Path(folder) / "lab")], check=True, capture_output=True, text=True
        ).stdout
    return [
        {
            "what": f"kernel, lab of {n:,} samples: {what}",
            "value": round(ms, 1),
            "unit": "ms",
            "bound": bound,
            "met": ms <= bound,
        }
        for what, ms, bound in json.loads(said)
    ]


def log_run(folder: Path, n: int) -> None:
    """A lab with a run of n logged steps: a real training of one epoch, whose log then goes on in the trainings' log
    writer."""
    import math
    import random

    import numpy as np
    from PIL import Image

    import veml_lab as veml
    from veml_lab.sources.source import Record, Source
    from veml_lab.training.jobs import list_jobs
    from veml_lab.training.reporter import Reporter
    from veml_lab.versions.store import new_id
    from veml_lab.versions.training import metric_rows

    def records() -> Any:
        for i in range(64):
            out = io.BytesIO()
            Image.fromarray(np.full((16, 16, 3), 40 + 150 * (i % 2), np.uint8)).save(out, "PNG")
            yield Record(
                f"{i:03d}.png", out.getvalue(), 16, 16, "test" if i >= 48 else "train", label=("dark", "light")[i % 2]
            )

    lab = veml.open(folder)
    data = lab.add(
        "shades",
        Source("synthetic", "shades", "classification", ("dark", "light"), records, 64, "shades"),
        progress=False,
    )
    model = veml.model(data, {"architecture": "resnet10", "width": 8, "size_px": [16, 16]}, name="small")
    short = veml.train(veml.plan(model, data, name="short", epochs=1, batch_size=16), lab, progress=False)
    (job,) = list_jobs(lab.store)
    rng, began = random.Random(0), short.log()[-1]["step"] + 1
    with Reporter(job, 1, False) as log:
        for step in range(began, n + 1):
            log.step(
                step, loss=2 * math.exp(-3 * step / n) + 0.1 * rng.random() + (50 if step == n // 2 else 0), samples=16
            )
    node = new_id("training")
    lab.store.add(
        "training", "long", {**short.node.props, "key": "long"}, changes=[metric_rows(node, job.log())], node_id=node
    )


OPEN = """
import base64, json, sys, time
import veml_lab as veml
lab = veml.open(sys.argv[1])
took = []
for _ in range(2):
    began = time.perf_counter()
    widget = lab.view("curves", versions=["long"])
    state, paths, buffers = widget.packed()
    text = json.dumps(state)
    took.append(1000 * (time.perf_counter() - began))
spike = max(v for _, v in widget.runs["long"]["loss"] if v)
print(json.dumps({"ms": took[0], "again": took[1], "bytes": len(text), "state": state, "spike": spike}), flush=True)
for line in sys.stdin:
    content, _ = widget.answered(json.loads(line))
    print(json.dumps(content), flush=True)
"""


def measure_log(n: int) -> list[dict[str, Any]]:
    """Curves of a run of n steps: the kernel's half in a fresh process, the drawing in Chromium, a part that is
    zoomed into."""
    with tempfile.TemporaryDirectory() as folder:
        log_run(Path(folder) / "lab", n)
        with subprocess.Popen(
            [sys.executable, "-c", OPEN, str(Path(folder) / "lab")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as kernel:
            assert kernel.stdin and kernel.stdout
            opened = json.loads(kernel.stdout.readline())
            if opened["spike"] < 50:
                raise RuntimeError("the one spike of the log is not among the points")

            def ask(message: dict[str, Any]) -> dict[str, Any]:
                assert kernel.stdin and kernel.stdout
                kernel.stdin.write(json.dumps(message) + "\n")
                kernel.stdin.flush()
                return json.loads(kernel.stdout.readline())

            def work(page: Any) -> list[float]:
                page.expose_function("ask", ask)
                short = opened["state"] | {"charts": {"loss": {"data": [], "layout": {}}}}
                page.evaluate("state => draw('curves', state, null)", short)  # pays for the script
                return page.evaluate(CURVES, {"state": opened["state"], "zoom": [n // 2 - 500, n // 2 + 500]})

            first, points, zoomed, finer = in_chromium(work)
            kernel.stdin.close()
    what = f"curves of a run of {n:,} steps ({opened['state']['points']:,} numbers)"
    rows = [
        ("the kernel's half, a fresh process with its imports", opened["ms"], "ms", None),
        ("the kernel's half again", opened["again"], "ms", None),
        (f"first picture of {points:.0f} points of the loss", first, "ms", None),
        ("opened for the first time, both halves", opened["ms"] + first, "ms", 1000),
        ("sent to the page", opened["bytes"] / 1024, "KiB", None),
        (f"a part of 1,000 steps, {finer:.0f} points", zoomed, "ms", None),
    ]
    return [
        {"what": f"{what}: {w}", "value": round(v, 1), "unit": u, "bound": b, "met": None if b is None else v <= b}
        for w, v, u, b in rows
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """The rows in columns; a bound that is missed says so."""
    wide = max(len(r["what"]) for r in rows)
    lines = []
    for r in rows:
        bound = "" if r["bound"] is None else f"  (bound {r['bound']:g}: {'met' if r['met'] else 'MISSED'})"
        lines.append(f"{r['what']:<{wide}}  {r['value']:>9,.1f} {r['unit']}{bound}")
    return "\n".join(lines)


def in_chromium(work: Callable[[Any], Any]) -> Any:
    """Run with an open page of a headless Chromium."""
    from playwright.sync_api import sync_playwright

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"],
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(180_000)
            page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
            page.wait_for_function("window.ready")
            spends(page)
            return work(page)
    finally:
        server.shutdown()


def spends(page: Any) -> None:
    """Gives the page ``spent()``: ms of CPU that its thread used so far, for script and for everything it does.

    CPU time, not time that passed: a busy machine does not count. What another process of the browser paints is not
    in it.
    """
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> list[float]:
        found = {m["name"]: 1000 * m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
        return [found["ScriptDuration"], found["TaskDuration"]]

    page.expose_function("spent", spent)


def main() -> None:
    """Measure, print, and keep as JSON where asked."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--quick", action="store_true", help="the small sizes only")
    args.add_argument("--json", type=Path, metavar="FILE")
    args.add_argument("--lab", type=int, metavar="N", help="measure the kernel's half on a lab of N samples instead")
    args.add_argument(
        "--log", type=int, metavar="N", help="measure the curves of a run of N steps instead, the kernel's half too"
    )
    args.add_argument("--charts", action="store_true", help="measure pages with one and with twelve charts instead")
    given = args.parse_args()
    if given.charts:
        rows = measure_charts()
    elif given.lab:
        rows = measure_lab(given.lab)
    elif given.log:
        rows = measure_log(given.log)
    else:
        rows = in_chromium(lambda page: measure(page, given.quick))
    print(table(rows))
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
