"""Object storage: stores opened from the usual AWS_ variables, and their errors.

obstore is imported when a store is opened, so that nothing else needs the extra ``[s3]``.
"""
