"""The lineage graph while it is moved: the picture that is moved shows what the graph itself would."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "veml_lab" / "static"
PAGE = b"""<!doctype html><body style="margin:0"><div id="host" style="width:1200px"></div><script type="module">
import widget from '/lineage.js';
const nodes = [], edges = [], kinds = ['data', 'data', 'model', 'training', 'training', 'inference'];
for (let i = 0; i < 900; i++) {
  nodes.push({ id: `v${i}`, kind: kinds[i % 6], name: `version ${i}`, detail: {} });
  const source = `v${Math.max(0, i - 1 - (i * 7919) % 200)}`;
  if (i > 20) edges.push({ source, target: `v${i}`, type: 'derived_from' });
}
const state = { nodes, edges, selected: '', height: 700, metadata: true };
const model = { get: n => state[n], set(n, v) { state[n] = v; }, save_changes() {}, on() {}, off() {} };
widget.render({ model, el: host });
window.frame = () => new Promise(r => requestAnimationFrame(() => r()));
window.pixels = () => {
  const c = document.querySelector('canvas');
  return c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
};
window.apart = (a, b) => {
  let n = 0;
  for (let i = 0; i < a.length; i++) if (Math.abs(a[i] - b[i]) > 24) n++;
  return n;
};
window.before = null;
</script>"""
MOVE = """async ([steps, dx, dy]) => {
  const canvas = document.querySelector('canvas');
  const send = (type, x, y) => canvas.dispatchEvent(
    new PointerEvent(type, { clientX: x, clientY: y, bubbles: true, pointerId: 1 }));
  send('pointerdown', 600, 350);
  for (let i = 1; i <= steps; i++) { send('pointermove', 600 + dx * i, 350 + dy * i); await frame(); }
  await frame();
  const moving = pixels();
  send('pointerup', 600 + dx * steps, 350 + dy * steps);
  await new Promise(r => setTimeout(r, 600)); // longer than it takes a moved graph to be painted anew
  await frame();
  await frame();
  const still = pixels(), went = before ? apart(before, still) : 1;
  before = still;
  return [apart(moving, still), went];
}"""


@pytest.fixture(scope="module")
def home():
    class Files(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            content, kind = (
                ((STATIC / "lineage.js").read_bytes(), "text/javascript")
                if self.path == "/lineage.js"
                else (PAGE, "text/html")
            )
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


def test_a_moved_picture_is_what_the_graph_painted_there_would_be(page, home):
    page.goto(home)
    page.wait_for_selector(".veml-graph[data-ready='1']")
    for zooms in (0, 9):  # the whole graph as shapes; cards
        for _ in range(zooms):
            page.get_by_role("button", name="Zoom in").click()
        page.wait_for_timeout(100)
        for steps, dx, dy in ((3, 4, 1), (40, 23, -11), (25, -31, 17)):  # within the picture's margin, and beyond it
            apart, went = page.evaluate(MOVE, [steps, dx, dy])
            assert apart < 200, (zooms, steps)  # of 3 million: rims of curves that a canvas cuts off elsewhere
            assert went
    assert not page.problems
