"""The parts of `fit`, each in a module.

fit          checks the arguments and starts the training
data         reads inputs and targets into rows of floats, and shuffles them into batches
objective    the loss of one sample as a graph, shared by all samples if possible
runner       sums the loss and its gradient over samples: on the graph, or by a compiled program
loop         the training loop: for each batch a gradient and an update of the parameters
buffers      the update itself: the optimizer's rule, applied to flat arrays of numbers in place
metrics      accuracy and other metrics, and the validation loss
history      the record of a training, and its plot
progress     a progress bar, or lines of text
diagnose     the first node that is not finite
"""
