"""Drawing graphs and networks with Graphviz.

What is drawn:

    graphs       `draw`: every node of a graph with its operation, its value and its derivative
    direction    which direction of such a drawing fits its space better
    fusing       chains of sums and of products as one operation
    tooltips     formulas and more digits over the nodes of an SVG file
    networks     `draw_network`: circles in columns, with weights on the arrows
    weights      which weights label which arrows of a network
    films        `Film`: both passes through a network as an animation
    animation    adds the animation to an SVG file of Graphviz
    numbers      the texts of all numbers in a picture

How networks are drawn:

    diagram       circles, arrows, headings and notes, of which networks and the paper's figures consist
    layout        the places of circles, arrows and labels, and the sizes of texts: a folder
    strokes       circles, arrows and labels as shapes
    canvas        shapes at positions as DOT text
    dot_labels    labels as HTML-like text of Graphviz
    dot_formulas  formulas as HTML-like text of Graphviz
    themes        colours, lines, fonts and sizes

How it becomes a picture:

    drawing      `Drawing`: renders DOT text, shows it in notebooks, and saves it to files
    dot_program  runs the program `dot`
"""
