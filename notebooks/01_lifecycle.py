# %% [markdown]
# # One lifecycle, end to end
#
# Data, model, training, inference: four kinds of version in one lineage graph. This notebook makes them
# on a small drawn road world - a clear city, an overcast suburb, a foggy highway, as in the paper's
# Table 3 - and then uses the memory: it finds a donor for a new data set, transfers its lifecycle,
# notices drift without labels, and rebuilds.
#
# Open the **VeML** panel in the left sidebar: it lists every version as it is made.
# Run twice, everything is found again and nothing is trained a second time.

# %%
import os
import veml_lab as veml

lab = veml.open(os.environ.get("VEML_LAB", "tutorial-lab"))
N = int(os.environ.get("VEML_N", "160"))            # pictures of each data set
EPOCHS = int(os.environ.get("VEML_EPOCHS", "6"))

# %% [markdown]
# ## 1 Data versions
#
# Samples and annotations are stored apart, once; a version is a frozen set of IDs. Your own data comes
# in the same way: `veml.read("path")` finds out the format (COCO, VOC, KITTI, YOLO, class folders, idx).

# %%
city = lab.add("city", veml.road_world("clear-city", N, seed=1))
suburb = lab.add("suburb", veml.road_world("overcast-suburb", N // 2, seed=2))
city.browse()

# %%
crowded = city.filter("city with people", "contains class 'pedestrian' AND weather = 'clear'")
print(crowded)
city.statistics()

# %% [markdown]
# ## 2 Similarity
#
# A data set is represented by a core set of its embeddings (greedy k-center, k=10). `mean` is the paper's
# measure, `energy` the robust one; click a cell to see both core sets. Without weights and without a
# network the embedder falls back to random features and says so: `lab.use_embedder(weights="PATH")`.

# %%
import warnings
warnings.simplefilter("ignore", UserWarning)        # the offline warning is for the terminal

highway = lab.add("highway", veml.road_world("foggy-highway", N // 2, seed=4))
veml.similarity([city, suburb, highway])

# %% [markdown]
# ## 3 The donor's lifecycle
#
# A model version is a recipe without weights; a training version is model x data x hyper-parameters x seed.
# `veml.train` runs it as a job: a folder that survives a restarted kernel and goes on where it was.

# %%
detector = veml.model(city, {"architecture": "fcos", "backbone": "resnet10", "width": 32,
                             "neck_channels": 32, "size_px": [160, 96]}, name="fcos for city")
first = veml.train(veml.plan(detector, city, name="city from scratch",
                             epochs=EPOCHS, batch_size=8, lr=2e-3, augment=["flip"]))
first

# %% [markdown]
# ## 4 A new data set arrives: transfer a lifecycle
#
# Donors are ranked by similarity; the plan says what is reused, what is changed, and why.

# %%
near = veml.most_similar(suburb)
near

# %%
plan = veml.transfer(near, to=suburb)
plan

# %%
run = veml.train(plan)
scratch = veml.train(plan.scratch())
print("transferred ", run.summary())
print("from scratch", scratch.summary())

# %%
from veml_lab.widgets import TrainingCurves
TrainingCurves({k: {m: v for m, v in c.items() if m != "loss"} for k, c in lab.curves().items()})

# %% [markdown]
# ## 5 Deploy
#
# Exported as ONNX and compared with torch on real samples before it becomes an inference version.

# %%
deployed = veml.deploy(run, name="suburb in production")
dict(deployed.measured)

# %% [markdown]
# ## 6 Production sends fog: has the distribution moved?
#
# No labels are needed. The paper's rule compares the test core set with the covering balls of the
# training data; the calibrated test looks at every sample and states its false-alarm level.

# %%
fog = lab.add("fog", veml.road_world("foggy-highway", N, seed=3))
pool, holdout = fog.split("fog-pool", "fog-holdout", share=0.6, by="video")
report = veml.drift(run, pool)
report

# %% [markdown]
# ## 7 Rebuild
#
# Full training, transfer learning, or active learning, which asks for the labels of a few chosen samples.

# %%
from veml_lab.lifecycle.rebuild import RebuildRow, measured, rebuild_table

rows = [RebuildRow("no retraining", None, measured(run, holdout)["mAP50"], None, None, run.name)]
for label, how in {"transfer learning": {"method": "transfer"}, "active learning 30%": {"method": "active", "budget": 0.3}}.items():
    new = veml.rebuild(run, pool, validation=holdout, **how)
    rows.append(RebuildRow(label, new.plan["labels"], measured(new, holdout)["mAP50"], None, new.seconds, new.name))
print(rebuild_table(rows, "mAP50"))

# %% [markdown]
# ## 8 Bad cases and lineage
#
# What the rebuilt model still gets wrong, worst first - the next test set or labelling task - and the
# graph behind the last inference version.

# %%
last = veml.deploy(new, name="suburb in production, rebuilt", samples=holdout)
veml.bad_cases(last, holdout)

# %%
lab.lineage(last, direction="ancestors")
