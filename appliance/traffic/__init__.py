"""Traffic through the real line in virtual time: imagined callers and agents, real decisions (appliance.line.acd).

A `Scenario` says what people do: when callers come, what they need, how long they would wait and talk; when
agents work, how fast they answer and how often they miss a call. `simulate` lets them meet in the line as it is,
under the settings as they are, and returns what became of everybody as a `Result`, which has the same figures as
reports. A day of 100,000 calls takes less than a minute.

    from appliance.traffic.arrivals import Demand, arrivals, callers
    from appliance.traffic.laws import always, exponential
    from appliance.traffic.run import simulate
    from appliance.traffic.scenario import AgentDay, Scenario

    times = arrivals([Demand(start, 1800.0, 240.0)], seed=1)  # 240 calls in half an hour, give or take
    calls = callers("support", times, talk=exponential(180.0), patience=exponential(120.0), seed=1)
    staff = [AgentDay("1001", "201", shifts=((start, start + 1800.0),), answers_after=always(4.0))]
    result = simulate(Scenario(settings, calls, staff, seed=1))

    result.queue("support").service_level(ServiceLevel.C)  # figures.QueueFigures; result.agents(): AgentFigures
    result.stays  # what became of each caller, by visit

Calls that were recorded are `Caller`s made from the records. Whoever wants to look on hands in `watch`: it is
called with the line, the facts and the time after each message, and may ask the line what the caller's flow may
ask, for example `acd.expected_wait(visit, now)` when a caller has joined.

Nothing here reads a clock or throws dice of its own. Chance follows from the seed and from what it is about (this
agent and that offer, the talk of this caller): the same scenario gives the same day again, and two days that
differ in the number of agents have the same callers, who would talk and wait as long in both.
"""
