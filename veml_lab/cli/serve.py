"""What opens a page or runs the whole: the demo, JupyterLab, the dashboard."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from .common import open_lab


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""
    p = verb("demo", _demo, "run the whole lifecycle on real images, or on a drawn road world", lab=False)
    p.add_argument(
        "--data",
        metavar="DIR",
        help=(
            "folder with mnist/, fashion_mnist/ and cifar10/ (default: ../shared/data if it is there, else the road"
            " world)"
        ),
    )
    p.add_argument("--road-world", action="store_true", help="use the drawn road world even if there is real data")
    p.add_argument("--out", metavar="LAB", default="demo-lab", help="folder of the lab (default: demo-lab)")
    p.add_argument("--limit", type=int, metavar="N", help="seeded part of at most N samples of each role of each set")
    p.add_argument("--quick", action="store_true", help="small parts and few epochs")

    p = verb("lab", _lab, "open a lab in JupyterLab: its lineage in front, the panel beside it", as_json=False)
    p.add_argument("--port", type=int, default=8888)
    p.add_argument("--no-browser", action="store_true", help="only print the address")

    p = verb("dashboard", _dashboard, "serve a read-only page of a lab", as_json=False)
    p.add_argument("--port", type=int, default=0, help="port (default: a free one)")
    p.add_argument("--token", help="token of the address (default: a fresh one)")
    p.add_argument("--theme", choices=("light", "dark"), default="light", help="colours of the page (default: light)")
    p.add_argument(
        "--no-preheat",
        action="store_true",
        help="start a kernel only when a visitor comes: less memory, slower first page",
    )
    p.add_argument("--no-browser", action="store_true", help="only print the address")

    p = verb("publish", _publish, "write the pages of a lab as a folder of plain files, for any web server")
    p.add_argument("dir", metavar="DIR", help="new or empty folder, or one that was published before")
    p.add_argument(
        "--pictures", type=int, metavar="N", help="samples of each data version that are shown (default: 240)"
    )


def _demo(args: argparse.Namespace) -> dict[str, Any] | None:
    from .. import demo
    from ..demo import stories

    data = None if args.road_world else args.data or stories.default_data()
    say = (lambda text: print(text, file=sys.stderr)) if args.json else print
    results = demo.run(args.out, data=data, limit=args.limit, quick=args.quick, say=say, progress=args.progress)
    return results if args.json else None


def _lab(args: argparse.Namespace) -> None:
    from ..dashboards.jupyter import open_jupyterlab

    open_jupyterlab(open_lab(args).path, port=args.port, browser=not args.no_browser)


def _dashboard(args: argparse.Namespace) -> None:
    from ..dashboards import serve

    serve(
        open_lab(args, read_only=True).path,
        port=args.port,
        token=args.token,
        theme=args.theme,
        preheat=not args.no_preheat,
        open_browser=not args.no_browser,
    )


def _publish(args: argparse.Namespace) -> Any:
    return published(args, args.dir, args.pictures)


def published(args: argparse.Namespace, folder: str, pictures: int | None = None) -> Any:
    """Write the pages of a lab into a folder; also ``veml export LAB --html``."""
    from ..dashboards.publish import PICTURES, publish

    say = None if args.json else (lambda text: print(text, file=sys.stderr))
    folder = str(
        publish(open_lab(args, read_only=True), folder, pictures=PICTURES if pictures is None else pictures, say=say)
    )
    if args.json:
        return {"folder": str(folder)}
    return f"published into {folder}; try it with: python -m http.server --directory {folder}"
