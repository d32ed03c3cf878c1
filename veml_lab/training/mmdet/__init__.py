"""mmdet (OpenMMLab Detection): any detector that a configuration describes, trained on data versions."""
