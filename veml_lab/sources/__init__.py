"""What a data set is before it is in a lab: a stream of records, and everything that reads and writes files for it.

:mod:`.source` is the seam between :mod:`veml_lab.formats` (one file a format) and the import; the rest is what
readers and writers of several formats share: folders and archives as one tree, pictures, outlines, cells of tables,
streams of JSON and XML, findings. Nothing here knows of a format, a lab or a version.
"""
