"""The parts of `python -m autograd`: options flow in; text, pictures and a model flow out.

options      what was asked for on the command line
packages     what must be installed for the job
output       the folder that everything is written to
expression   the expression of the picture, and the check of its gradients
digits       the data: images and labels, to learn from and held out
training     epoch after epoch, until done or Ctrl-C
results      how good the model is on the digits held out
neuron       one neuron of the trained network as a graph to draw
charts       the training curve, the misclassified digits
"""
