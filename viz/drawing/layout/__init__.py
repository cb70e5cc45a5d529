"""The layout of diagrams, in inches: the sizes of texts and circles, and the places of circles, arrows and labels.

parts           the circles and arrows of a diagram, with their texts
arrangement     the best spacing, with a place for every label, in type that can be read
circle_sizes    circles, and ellipses, around their texts
columns         the positions of circles
courses         the courses of arrows: straight, or curved around circles
boxes           rectangles on the page
pieces          the straight pieces of arrows near to a box
diagram_labels  the labels, their preferred positions and the lengths they need
label_places    places for labels on which nothing else lies
left_out        the table of numbers and labels for which the picture lacks space
blocks          rows of cells, their sizes and their DOT text
text_size       the size of text as Graphviz draws it
"""
