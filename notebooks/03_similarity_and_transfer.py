# %% [markdown]
# # Similarity and transfer
#
# A new data set rarely comes alone: somewhere in the lab lies one very like it, with a model, hyper-parameters
# and a deployment that work. This notebook finds that neighbour, says how sure it is, and puts the neighbours'
# lifecycles and a start from scratch into a race.

# %%
import os
import warnings

import veml_lab as veml

warnings.simplefilter("ignore", UserWarning)        # random features are announced once; here they are meant
lab = veml.open(os.environ.get("VEML_FOLDER", ".") + "/similarity-lab")
N = int(os.environ.get("VEML_N", "160"))            # pictures of each data set
EPOCHS = int(os.environ.get("VEML_EPOCHS", "6"))

# %% [markdown]
# ## 1 Three data sets that the lab knows, and one that arrives
#
# `town` is drawn by the same rules as `city`, with other streets, other cars and another seed.

# %%
city = lab.add("city", veml.road_world("clear-city", N, seed=1))
suburb = lab.add("suburb", veml.road_world("overcast-suburb", N, seed=2))
highway = lab.add("highway", veml.road_world("foggy-highway", N, seed=3))
arrived = lab.add("town", veml.road_world("clear-city", N // 2, seed=9))
town, held_out = arrived.split("town to train", "town held out", share=0.6, by="video")
town.browse()

# %% [markdown]
# ## 2 How similar?
#
# Each set is embedded once and stands for itself by a core set. `mean` is the paper's measure, the mean distance
# between two core sets of ten. `energy` compares robust core sets of a hundred and subtracts how far each set is
# spread in itself, so that a set is nearest to itself and outliers weigh little: it makes the ranking. Values after
# ± are the spread over several starts.

# %%
table = veml.similarity([city, suburb, highway, town])
table

# %%
print(table.groups())
print("nearest pair:", *table.closest_pair())

# %% [markdown]
# ## 3 Donors
#
# A donor needs a lifecycle: something that was trained and works.

# %%
recipe = {"architecture": "fcos", "backbone": "resnet10", "width": 16, "neck_channels": 32, "size_px": [160, 96]}
for name, data in {"city": city, "highway": highway}.items():
    fit, test = data.split(f"{name} to train", f"{name} held out", share=0.8, by="video")
    model = veml.model(fit, recipe, name=f"fcos for {name}")
    hyper = {"epochs": EPOCHS, "batch_size": 8, "lr": 2e-3, "augment": ["flip"]}
    print(veml.train(veml.plan(model, fit, name=f"{name} detector", validation=test, **hyper), lab))

# %%
near = veml.most_similar(town, [lab["city to train"], lab["highway to train"]])
near

# %% [markdown]
# ## 4 The plan
#
# What is reused, what is changed, and why; nothing has been trained yet.

# %%
plan = veml.transfer(near, to=town, validation=held_out)
plan

# %% [markdown]
# ## 5 The race
#
# Every donor and a start from scratch train a little; the better part goes on from where it was. Each round is a
# training version of its own, so the race can be stopped, taken up again and traced.

# %%
plans = [veml.transfer(d, to=town, validation=held_out) for d in near]
race = veml.race(plans, epochs=EPOCHS, keep=0.5)
race

# %%
lab.lineage(race.best, direction="ancestors")
