"""How bytes get to the disk and back: written whole, locked, cleaned for JSON, and failures said in a sentence.

The one owner of each of these; everything above asks here.

- :mod:`~veml_lab.storage.whole`: a file appears whole or not at all
- :mod:`~veml_lab.storage.folders`: a folder of files appears whole or not at all
- :mod:`~veml_lab.storage.locks`: locks that go with the process that holds them
- :mod:`~veml_lab.storage.failures`: what the system refused, as an error of ours
- :mod:`~veml_lab.storage.border`: the same for all that the public functions did not think of
- :mod:`~veml_lab.storage.plain_json`: values that every reader of JSON takes
- :mod:`~veml_lab.storage.strangers`: links and names that lead out of a lab
"""
