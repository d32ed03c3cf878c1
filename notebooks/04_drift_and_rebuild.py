# %% [markdown]
# # Drift and rebuilding
#
# A detector works in production, and production changes. This notebook watches a stream of new pictures without
# a single label, says when the distribution has moved and how far, asks what each way of rebuilding would cost,
# and compares them.

# %%
import os
import warnings

import veml_lab as veml

warnings.simplefilter("ignore", UserWarning)        # random features are announced once; here they are meant
lab = veml.open(os.environ.get("VEML_FOLDER", ".") + "/drift-lab")
N = int(os.environ.get("VEML_N", "200"))            # pictures of the training data
EPOCHS = int(os.environ.get("VEML_EPOCHS", "8"))

# %% [markdown]
# ## 1 What works today

# %%
city = lab.add("city", veml.road_world("clear-city", N, seed=1))
fit, test = city.split("city to train", "city held out", share=0.75, by="video")
recipe = {"architecture": "fcos", "backbone": "resnet10", "width": 16, "neck_channels": 32, "size_px": [160, 96]}
model = veml.model(fit, recipe, name="fcos")
plan = veml.plan(model, fit, name="city detector", validation=test, epochs=EPOCHS, batch_size=8, lr=2e-3, augment=["flip"])
run = veml.train(plan, lab)
run

# %% [markdown]
# ## 2 A stream from production
#
# Fog rises: the same roads, more and more washed out. `drift_stream` spends its error level over the looks, so
# that watching for months raises no more false alarms than one test.

# %%
roads = veml.road_world("clear-city", N // 2, seed=5)
days = [lab.add(f"day {i}", veml.corrupted(roads, "fog", severity=s, role="test")) for i, s in enumerate((0.0, 0.2, 0.8), 1)]
stream = veml.drift_stream(run, days)
stream

# %% [markdown]
# ## 3 One report in full
#
# Both readings: the paper's rule compares the test core set with the covering radius, the calibrated test looks
# at every sample and gives a p-value. The pictures are those farthest outside.

# %%
foggy = days[-1]
report = veml.drift(run, foggy)
report

# %% [markdown]
# ## 4 What would each way of rebuilding cost?
#
# Labels, time, and what the method brought in this lab before - nothing yet, so the advice goes by what labels
# are there.

# %%
pool, holdout = foggy.split("fog, to label", "fog, held out", share=0.6, by="video")
veml.advise(run, pool, budget=0.3)

# %% [markdown]
# ## 5 Rebuild
#
# `adabn` and `mean-teacher` read no label of the new data at all; active learning asks for the labels of a few
# chosen samples; transfer learning wants all of them and forgets the old data, which the last column shows.

# %%
ways = (
    {"method": "adabn"},
    {"method": "mean-teacher", "hyper": {"adapt": {"sure": 0.3}}},
    {"method": "active", "budget": 0.3},
    {"method": "transfer"},
)
for how in ways:
    veml.rebuild(run, pool, validation=holdout, **how)
veml.rebuilds(run, holdout, old=test)

# %% [markdown]
# ## 6 The lab has learned
#
# Asked again, the advice is by what was measured here, with the settings that brought it.

# %%
veml.advise(run, pool, budget=0.3)

# %% [markdown]
# From now on one call does it: no drift, and the training stays; drift, and the advised method runs.

# %%
veml.rebuild(run, pool, auto=True, validation=holdout)
