"""What a version came out of beside its inputs: the user's code, its repository, packages, machine, command.

Collected without being asked whenever a version is made, filtered of secrets before anything is written
(:mod:`.secrets`), kept as one content-addressed text that versions of the same state share (:mod:`.keeper`). Nothing
here knows of labs or versions: they hand over a folder and get back the name of a file in it.
"""
