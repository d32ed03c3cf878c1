"""What a user does with acme-veml installed: ``python story.py FOLDER``; every line is of the public interface."""

import sys
from pathlib import Path

import veml_lab as veml
from veml_lab.testing import coloured

folder = Path(sys.argv[1])
lab = veml.open(folder / "lab")
for name, n, seed in (("fit", 24, 0), ("test", 12, 1), ("new", 18, 2)):
    veml.write(coloured(n, seed=seed), folder / name, "acme-lines")  # its format, written, found by its files, read
    lab.add(name, veml.read(folder / name), progress=False)
assert "acme-lines" in str(veml.read(folder / "fit"))

lab.use_executor("acme-pool", 3)  # its executor
lab.use_embedder("acme-colour")  # its embedder, chosen by name ...
assert veml.open(folder / "lab").embedder.fingerprint == "acme-colour-1"  # ... and found again
near = veml.most_similar(lab["new"], [lab["fit"], lab["test"]], progress=False)
assert len(near) == 2

model = veml.model(lab["fit"], {"backend": "acme"}, name="colours")  # its backend, in a process of its own
plan = veml.plan(model, lab["fit"], name="run", validation=lab["test"], sharpness=80.0)
run = veml.train(plan, lab, detached=True, progress=False)
assert run.metric == 1.0 and run.metric_name == "accuracy" and run.plan["hyper"] == {"sharpness": 80.0}
try:
    veml.plan(model, lab["fit"], name="x", sharpnes=1.0)
except veml.UnknownName as e:
    assert "known: sharpness" in str(e), e
else:
    raise AssertionError("a misspelt hyper-parameter was taken")

again = veml.rebuild(run, lab["new"], method="active", learner="acme-last", budget=6, progress=False)  # its learner
assert again.metric == 1.0 and len(again.data) == 24 + 6

made = veml.deploy(run, name="deployed", runtime="acme-numpy")  # its runtime, for parity and for bad cases
assert made.configuration["runtime"] == "acme-numpy" and made.measured["agreement"] == 1
assert len(veml.bad_cases(made, lab["new"], progress=False)) == 0
print("told")
