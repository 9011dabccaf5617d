"""What is live in an account, whoever made it, and what of it no state of the estate knows.

`table` says what is asked and `known` what is no drift: data. `listing` asks, `tagged` adds what only the
tagging API tells, `unmanaged` compares with the states of the whole estate, `shared` with one another.
"""
