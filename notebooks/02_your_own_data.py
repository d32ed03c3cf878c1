# %% [markdown]
# # Bring your own data
#
# Pictures with annotations in almost any form, cut, corrected and combined into versions that never change,
# and written out again. Nothing here copies a picture twice.

# %%
import os
from pathlib import Path

import veml_lab as veml
from veml_lab.versions import operations
from veml_lab.versions.comparison import compare

folder = Path(os.environ.get("VEML_FOLDER", ".")) / "data-lab"
lab = veml.open(folder)
N = int(os.environ.get("VEML_N", "120"))            # pictures

# %% [markdown]
# ## 1 A folder as you may have it
#
# In place of yours: pictures of the drawn road world in YOLO's layout, which has no place for how far away and how
# occluded a car is: the writer says so. `veml.read` finds out the format by looking
# (COCO, VOC, YOLO, KITTI, BDD100K, Cityscapes, CVAT, Label Studio, class folders, idx, CIFAR, tables, documents,
# Hugging Face, Croissant, videos, sensor sets); `docs/formats.md` lists what each keeps.

# %%
yours = folder.parent / f"{folder.name}-pictures"
if not yours.exists():
    veml.write(veml.road_world("clear-city", N, seed=1), yours, "yolo", lossy=True)   # lossy: what has no place is left out, with a warning
source = veml.read(yours)
source

# %% [markdown]
# ## 2 Import
#
# All or nothing, in bounded memory. Plain files stay where they are unless `copy=True`. The report says what was
# stored, what the lab knew already, what was skipped and why; `strict=True` stops instead.

# %%
photos = lab.add("photos", source, near_duplicates="report")
print(photos.history.import_report)
photos.browse()

# %%
photos.statistics()

# %% [markdown]
# ## 3 Cut
#
# Conditions go over columns and annotations; they are parsed and checked, never run as free SQL.

# %%
busy = photos.filter("busy", "count box (label = 'car') >= 2 AND no box (share > 0.4)")
train, val, test = photos.split("train", "val", "test", share=(0.7, 0.15, 0.15), stratified=True, seed=1)
print(busy, train, val, test, sep="\n")

# %% [markdown]
# ## 4 Correct
#
# A correction gives all annotations of a picture anew; here the first box becomes four pixels larger. It is a new
# annotation layer: the old version keeps reading what it read, and every metric names the layer that it was measured
# on. Rows in bold differ.

# %%
Box = veml.formats.Box
name = photos.samples["uri"][0].as_py()
(label, x, y, w, h), *others = photos.annotations.boxes[photos.samples["id"][0].as_py()]
fixed = photos.correct("photos, second look", {name: {"box": [Box(label, x, y, w + 4, h + 4), *(Box(*b) for b in others)]}}, note="too tight")
compare(photos, fixed)

# %% [markdown]
# ## 5 Grow
#
# New pictures arrive: `add` makes a version of the old ones and the new ones. Tags and notes are for people.

# %%
grown = operations.add(photos, "photos, grown", veml.corrupted(source, "dark", severity=0.4))
grown.history.tag("candidate")
grown.history.note("second batch: the same roads after dusk")
print(grown, grown.history.tags, grown.history.notes)
print(len(operations.diff(grown, photos)["only_here"]), "samples are new")

# %% [markdown]
# ## 6 Train on it
#
# A version is a torch Dataset; sizes and normalisation belong to the version and are fitted on training samples only.

# %%
from torch.utils.data import DataLoader

ready = train.prepare("train, ready", resize=(160, 96), normalise=True)
loader = DataLoader(ready.to_torch(), batch_size=8, collate_fn=list)
image, target = next(iter(loader))[0]
image.shape, image.dtype, target["boxes"].shape

# %% [markdown]
# ## 7 Write it out
#
# And read it again: the same annotations, counted. The samples are others, for they are other files ("0 samples in
# both"); their bytes are not stored twice.

# %%
out = folder.parent / f"{folder.name}-coco"
if not out.exists():
    fixed.export(out, "coco")
again = lab.add("photos, from COCO", veml.read(out))
compare(fixed, again)

# %% [markdown]
# ## 8 Trust it
#
# Every operation can be run again and must give the same samples; `check` names whatever does not fit together.
#
# Next: `03_similarity_and_transfer` finds out which data of a lab is like yours.

# %%
print("replayed:", busy.history.replay() == busy.ids)
print(veml.check(lab))
lab.lineage("train, ready", direction="ancestors")
