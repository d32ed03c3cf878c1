# %% [markdown]
# # One lifecycle, end to end
#
# Data, model, training, inference: four kinds of version in one lineage graph. This notebook makes them
# on a small drawn road world - a clear city, an overcast suburb, a foggy highway, as in the paper's
# Table 3 - and then uses the memory: it finds a donor for a new data set, transfers its lifecycle,
# notices drift without labels, and rebuilds.
#
# Open the **VeML** panel in the left sidebar: it lists every version as it is made.
# It works in a lab of its own, `tutorial-lab` beside this notebook: none of your labs is touched.
# Run twice, everything is found again and nothing is trained a second time. It takes some minutes on two cores.
#
# On Binder: everything here runs, more slowly. It has no GPU, perhaps no network for pretrained features (seeded random
# ones are used then, which is said), none of the real data sets, and forgets the lab when the session ends.

# %%
import os
import veml_lab as veml

lab = veml.open(os.environ.get("VEML_FOLDER", ".") + "/tutorial-lab")
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
# Donors are ranked by similarity; one that was never trained has no lifecycle to give. Where nothing is clearly similar
# the ranking says so, and the honest thing is to train from scratch beside the transfer. The plan says what is reused,
# what is changed, and why.

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
lab.view("curves")

# %% [markdown]
# ## 5 Deploy
#
# Exported as ONNX and compared with torch on real samples before it becomes an inference version.

# %%
deployed = veml.deploy(run, name="suburb in production")
print("largest difference from torch:", deployed.measured["largest_difference"])
deployed

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
# Full training, transfer learning, or active learning, which asks for the labels of a few chosen samples. `new` is
# measured on the fog, `old` on the suburb: what was gained, and what was forgotten. The best goes on.

# %%
for how in ({"method": "transfer"}, {"method": "active", "budget": 0.3}):
    veml.rebuild(run, pool, validation=holdout, **how)
rebuilt = veml.rebuilds(run, holdout, old=lab["suburb-test"])
best = lab[rebuilt.best.training]
rebuilt

# %% [markdown]
# ## 8 Bad cases and lineage
#
# What the rebuilt model still gets wrong, worst first - the next test set or labelling task - and the
# graph behind the last inference version: what it was made of, back to every import.

# %%
last = veml.deploy(best, name="suburb in production, rebuilt", samples=holdout)
veml.bad_cases(last, holdout)

# %%
lab.lineage(last, direction="ancestors")

# %% [markdown]
# Next: your own data in `02_your_own_data`; `lab.view(...)`, the panel, `veml dashboard tutorial-lab` show the same lab.
