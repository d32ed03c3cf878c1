"""Memory of the readers that stream: a synthetic set of many records, walked in a process of its own."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read from /proc")

# The bound is on what the walk adds to the process with everything imported, so that it does not drift with the
# imports (Arrow brings pandas with the first array that it gives out).
CODE = """
import sys
import numpy, pandas, PIL.Image, pyarrow.csv, pyarrow.parquet, pyarrow.compute
from veml_lab.formats import read
path, options = sys.argv[1], dict(a.split("=") for a in sys.argv[2:])
# not ru_maxrss, which starts with the size of the parent process
peak = lambda: int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) // 1024
before = peak()
source = read(path, **options)
n = sum(1 for _ in source.records())
print(n, peak() - before)
"""


def added_mb(path, n: int, **options) -> int:
    """MiB that reading ``n`` records adds at the peak."""
    line = [sys.executable, "-c", CODE, str(path), *(f"{k}={v}" for k, v in options.items())]
    done = subprocess.run(line, capture_output=True, text=True, timeout=580, check=True)
    count, mb = map(int, done.stdout.split())
    assert count == n
    return mb


def table(path, n: int, kind: str) -> None:
    """Seven columns, ``n`` rows, written in pieces."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    schema = pa.schema(
        [*((f"x{i}", pa.float64()) for i in range(4)), ("n", pa.int64()), ("text", pa.string()), ("label", pa.string())]
    )
    made = {
        "csv": lambda: pa.csv.CSVWriter(path, schema),
        "parquet": lambda: pq.ParquetWriter(path, schema),
        "arrow": lambda: pa.ipc.new_file(path, schema),
    }
    with made[kind]() as out:
        for start in range(0, n, 50_000):
            k = min(50_000, n - start)
            columns = [pa.array(rng.random(k)) for _ in range(4)]
            columns += [
                pa.array(np.arange(start, start + k)),
                pa.array([f"a text of row {start + i}" for i in range(k)]),
                pa.array(rng.choice(["a", "b", "c"], k)),
            ]
            out.write_table(pa.table(columns, schema=schema))


@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
def test_a_table_of_200_000_rows_takes_no_more_than_a_few_batches(tmp_path, kind):
    """As Python objects the whole table would be about 200 MiB."""
    table(tmp_path / f"t.{kind}", 200_000, kind)
    assert added_mb(tmp_path / f"t.{kind}", 200_000, label="label") < 100


def cifar(folder, n: int) -> None:
    block = bytes(3073) * 1000
    with (folder / "data_batch_1.bin").open("wb") as f:
        for _ in range(n // 1000):
            f.write(block)


def test_binary_images_are_read_block_by_block(tmp_path):
    """The file alone is 59 MiB."""
    cifar(tmp_path, 20_000)
    assert added_mb(tmp_path, 20_000) < 30


def hub(path, n: int) -> None:
    """Pictures of 32 x 24 inside Parquet, in row groups of 1,000."""
    import io

    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (24, 32, 3), np.uint8)).save(out, "PNG")
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    schema = pa.schema([("image", kind), ("label", pa.string())])
    with pq.ParquetWriter(path, schema, use_dictionary=False) as writer:
        for _ in range(n // 1000):
            images = pa.array([{"bytes": out.getvalue(), "path": None}] * 1000, kind)
            writer.write_table(pa.table([images, pa.array(["a"] * 1000)], schema=schema))


def test_pictures_in_parquet_are_decoded_a_row_group_at_a_time(tmp_path):
    """The pictures alone are 48 MiB."""
    hub(tmp_path / "train-00000-of-00001.parquet", 20_000)
    assert added_mb(tmp_path, 20_000) < 75


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
def test_a_million_rows_take_no_more_than_two_hundred_thousand(tmp_path, kind):
    table(tmp_path / f"t.{kind}", 1_000_000, kind)
    assert added_mb(tmp_path / f"t.{kind}", 1_000_000, label="label") < 180


@pytest.mark.slow
@pytest.mark.parametrize("end", ["csv", "jsonl"])
def test_a_document_of_a_million_rows(tmp_path, end):
    """Names of the pictures that were seen are kept, so that none is read twice; all rows name missing ones but one."""
    from PIL import Image

    (tmp_path / "files").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "files" / "0.png")
    with (tmp_path / f"documents.{end}").open("w") as f:
        if end == "csv":
            f.write("path,annotation\n")
        for i in range(1_000_000):
            f.write(
                f"files/{i}.png,car\n"
                if end == "csv"
                else json.dumps({"path": f"files/{i}.png", "annotation": "car"}) + "\n"
            )
    assert added_mb(tmp_path, 1) < 100
