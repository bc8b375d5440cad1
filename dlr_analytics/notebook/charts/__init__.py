"""The charts of metrics and studies, each ``chart`` in a module of its name.

::

    choose.py      select the chart of a result
    delivery_rate, latency, cost, errors, quality, coverage, scts_offsets     one metric each
    rate_heatmap.py, rate_by_hour.py      delivery rates of a week's hours, and of many hours
    latency_curve.py                      the share confirmed within a time
    own_statement.py                      what a statement of db.sql returned
    counts.py      bars and columns of counted messages
    timeline.py    hours, days, weeks and months in sequence, and which are not settled
    time_chart.py  the layout of every chart over time
    elements/      series, marks, axes, panels and the template
"""
