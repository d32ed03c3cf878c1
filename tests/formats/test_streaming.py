"""Memory of the readers that stream: a synthetic set of many records, walked in a process of its own."""

import json

import pytest
from peaks import added_mb, needs_proc

pytestmark = needs_proc
READ = """
from veml_lab.formats import read
def work(path, *options):
    return sum(1 for _ in read(path, **dict(o.split("=") for o in options)).records())
"""


def more_mb(small, large, n: int, *options: str) -> float:
    """MiB that reading the ``n`` records of ``large`` takes more than reading ``small`` does."""
    _, (_, little), (count, much) = added_mb(READ, (small, *options), (small, *options), (large, *options))
    assert count == n
    return much - little


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
                pa.array([f"a text of row {start + i}, " * 14 for i in range(k)]),
                pa.array(rng.choice(["a", "b", "c"], k)),
            ]
            out.write_table(pa.table(columns, schema=schema))


@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
def test_a_table_of_200_000_rows_takes_no_more_than_a_few_batches(tmp_path, kind):
    """The whole table would be 70 MiB in Arrow, 250 MiB as Python objects."""
    for n in (50_000, 200_000):
        table(tmp_path / f"{n}.{kind}", n, kind)
    mapped = 70 if kind == "arrow" else 0  # its pages are the file's: the machine takes them back when it needs them
    small, large = tmp_path / f"50000.{kind}", tmp_path / f"200000.{kind}"
    assert more_mb(small, large, 200_000, "label=label") < 35 + mapped


def cifar(folder, n: int) -> None:
    block = bytes(3073) * 1000
    with (folder / "data_batch_1.bin").open("wb") as f:
        for _ in range(n // 1000):
            f.write(block)


def test_binary_images_are_read_block_by_block(tmp_path):
    """The file alone is 59 MiB."""
    for n in (1_000, 20_000):
        (tmp_path / str(n)).mkdir()
        cifar(tmp_path / str(n), n)
    assert more_mb(tmp_path / "1000", tmp_path / "20000", 20_000) < 20


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
    for n in (2_000, 20_000):
        (tmp_path / str(n)).mkdir()
        hub(tmp_path / str(n) / "train-00000-of-00001.parquet", n)
    assert more_mb(tmp_path / "2000", tmp_path / "20000", 20_000) < 20


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
def test_a_million_rows_take_no_more_than_two_hundred_thousand(tmp_path, kind):
    for n in (50_000, 1_000_000):
        table(tmp_path / f"{n}.{kind}", n, kind)
    mapped = 350 if kind == "arrow" else 0
    assert more_mb(tmp_path / f"50000.{kind}", tmp_path / f"1000000.{kind}", 1_000_000, "label=label") < 60 + mapped


@pytest.mark.slow
@pytest.mark.parametrize("end", ["csv", "jsonl"])
def test_a_document_of_a_million_rows(tmp_path, end):
    """Names of the pictures that were seen are kept, so that none is read twice; all rows name missing ones but one."""
    from PIL import Image

    for n in (1_000, 1_000_000):
        files = tmp_path / str(n) / "files"
        files.mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(files / "0.png")
        with (files.parent / f"documents.{end}").open("w") as f:
            if end == "csv":
                f.write("path,annotation\n")
            for i in range(n):
                f.write(
                    f"files/{i}.png,car\n"
                    if end == "csv"
                    else json.dumps({"path": f"files/{i}.png", "annotation": "car"}) + "\n"
                )
    assert more_mb(tmp_path / "1000", tmp_path / "1000000", 1) < 100
