"""The torchvision backend: classification with any torchvision network, detection with its detectors."""
