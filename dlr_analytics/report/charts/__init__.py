"""A metric's result as a plotly chart; which one is chosen by the metric and its ``by``.

::

    choose.py      metric → its chart
    rates.py  latencies.py  costs.py  errors.py     a metric's charts, a file each
    series.py      a result's rows as series: what they are called, and what is missing in time
    marks.py       lines with bands, dots with intervals, ranges, bars
    frame.py       title, panels and axes around them
    template.py    colours, type and margins; a figure that offers no upload
"""
