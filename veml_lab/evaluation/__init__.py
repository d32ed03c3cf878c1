"""One judge: what a model says, which box matches which, what is wrong in a picture, and how good it is as a number.

Pure: arrays and values in, values out. Whoever has a version reads its truth there (``veml_lab.versions``); whoever
has a network runs it (``veml_lab.training``). Both then ask this room, so that no two faces of the lab can say
different things of one picture.
"""
