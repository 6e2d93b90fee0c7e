"""A fair benchmark: our engines beside other libraries, on the same work, checked before it is timed.

Every contender trains in a process of its own, by the same small protocol (`contenders.Subject`): same
first weights, same batches, same loss. A gate compares the weights after 20 steps with the rules in
float64; who fails is not timed. Then all take turns.
"""
