"""A metric's result as a plotly chart; which one is chosen by the metric and its ``by``.

::

    choose.py      metric → its chart
    rates.py  latencies.py  costs.py  errors.py  quality.py  coverage.py     a metric's, a file each
    offsets.py     a study's
    series.py      a result's rows as series, and what they are called
    timeline.py    hours, days, weeks, months in a row, and which can still change
    course.py      the frame of every chart in time
    marks.py       lines with bands, dots with intervals, ranges, bars
    frame.py       title, panels and headings around them
    axes.py        axes by what they measure
    template.py    colours, type and margins; a figure that offers no upload
"""
