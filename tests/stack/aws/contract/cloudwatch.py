"""CloudWatch: figures and their list. A metric of the scenario:
  {"Namespace": "AWS/RDS", "MetricName": "FreeStorageSpace", "Dimensions": {"DBInstanceIdentifier": "shop"},
   "value": 12.5, or "series": [newest, one period older, …],     the last one stands for all older ones
   "late_s": 180,                                                  its newest datapoint is so old
   "status": "Complete", "PartialData", "InternalError", "Forbidden"}
PartialData: half of its datapoints come on the first page, all on the second. "page": results of one answer (invented,
as is that pages are cut between results)."""

import datetime
import math

from .wire import Fault
from .world import operation, page


def mine(world):
    return world.services["monitoring"]


def dimensions(metric):
    return [{"Name": k, "Value": str(v)} for k, v in metric["Dimensions"].items()]


@operation("monitoring")
def ListMetrics(world, op, p):
    def wanted(m):
        if (
            p.get("Namespace", m["Namespace"]) != m["Namespace"]
            or p.get("MetricName", m["MetricName"]) != m["MetricName"]
        ):
            return False
        if "RecentlyActive" in p and m.get("late_s", 0) > 3 * 3600:
            return False
        return all(
            d["Name"] in m["Dimensions"]
            and d.get("Value", str(m["Dimensions"][d["Name"]])) == str(m["Dimensions"][d["Name"]])
            for d in p.get("Dimensions", [])
        )

    fitting = [m for m in mine(world)["metrics"] if wanted(m)]
    some, token = page(fitting, mine(world)["page"], p.get("NextToken"))
    listed = [{"Namespace": m["Namespace"], "MetricName": m["MetricName"], "Dimensions": dimensions(m)} for m in some]
    return {"Metrics": listed} | ({"NextToken": token} if token else {})


def points(world, metric, period, start, end):
    """Its datapoints in that time, newest first: at whole periods, and not before they are there."""
    there = world.now().timestamp() - metric.get("late_s", 60)
    newest = math.floor(min(there, end.timestamp() - 1e-3) / period) * period
    newest_of_all = math.floor(there / period) * period
    series = metric.get("series", [metric.get("value")])
    found = []
    at = newest
    while at >= start.timestamp() and len(found) < 1500:
        value = series[min(int((newest_of_all - at) / period), len(series) - 1)]
        if value is not None:
            found.append((datetime.datetime.fromtimestamp(at, datetime.timezone.utc), float(value)))
        at -= period
    return found


def is_asked(metric, query):
    """Is this the metric of the query, by its name and all of its dimensions?"""
    want = query["MetricStat"]["Metric"]
    return (metric["Namespace"], metric["MetricName"]) == (want["Namespace"], want["MetricName"]) and {
        k: str(v) for k, v in metric["Dimensions"].items()
    } == {d["Name"]: d["Value"] for d in want.get("Dimensions", [])}


def result_of(world, query, p, first_page):
    if "MetricStat" not in query:
        raise Fault("ValidationError", "This server knows no expressions.")
    stat = query["MetricStat"]
    out = {
        "Id": query["Id"],
        "Label": stat["Metric"]["MetricName"],
        "Timestamps": [],
        "Values": [],
        "StatusCode": "Complete",
    }
    for m in mine(world)["metrics"]:
        if not is_asked(m, query):
            continue
        found = points(world, m, stat["Period"], p["StartTime"], p["EndTime"])
        out["StatusCode"] = m.get("status", "Complete")
        if out["StatusCode"] in ("InternalError", "Forbidden"):
            found = []
        elif out["StatusCode"] == "PartialData":
            half = len(found) // 2
            found = found[:half] if first_page else found[half:]
            out["StatusCode"] = "PartialData" if first_page else "Complete"
        if p.get("ScanBy") == "TimestampAscending":
            found.reverse()
        out["Timestamps"], out["Values"] = [t for t, _ in found], [v for _, v in found]
    return out


@operation("monitoring")
def GetMetricData(world, op, p):
    queries = p["MetricDataQueries"]
    # From the documentation: at most 500 at a time, ids begin with a small letter and are there once.
    if not 0 < len(queries) <= 500:
        raise Fault("ValidationError", "The collection MetricDataQueries must have 1 to 500 members.")
    ids = [q["Id"] for q in queries]
    if len(set(ids)) != len(ids) or not all(i[0].islower() and i.replace("_", "").isalnum() for i in ids):
        raise Fault("ValidationError", "The values for parameter id in MetricDataQueries are not valid or not unique.")
    if p["StartTime"] >= p["EndTime"]:
        raise Fault("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    partial = [
        q
        for q in queries
        if "MetricStat" in q and any(m.get("status") == "PartialData" and is_asked(m, q) for m in mine(world)["metrics"])
    ]
    # What is partial on its page comes again at the end.
    turns = [(q, True) for q in queries] + [(q, False) for q in partial]
    some, token = page(turns, mine(world)["page"], p.get("NextToken"))
    results = [result_of(world, q, p, first) for q, first in some]
    return {"MetricDataResults": results, "Messages": []} | ({"NextToken": token} if token else {})
