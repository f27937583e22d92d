#!/usr/bin/env python3
"""Publishes pipeline events over HTTP with the standard library alone.

    WEIR_URL=http://127.0.0.1:3000 WEIR_TOKEN=... python3 publish.py [CORRELATION_ID]

With fastavro installed and SCHEMA pointing at avro/PipelineEvent.avsc, events travel as an Avro container file; otherwise
as NDJSON. What is sent again changes nothing, as long as each event keeps its eventId and lastUpdatedAt.
"""

import gzip
import io
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager

try:
    import fastavro
except ImportError:
    fastavro = None

URL = os.environ.get("WEIR_URL", "http://127.0.0.1:3000")
TOKEN = os.environ.get("WEIR_TOKEN")
SCHEMA = os.environ.get("SCHEMA")
FEED = "pipeline_events"
ATTEMPTS = 6


def publish(events):
    """Sends events until the server has them on disk. Returns those that it rejected, each with its reason.

    Raises OSError when the server stays away, RuntimeError when it does not want them (a token, a feed, a schema).
    """
    content_type, body = encode(events)
    headers = {"Content-Type": content_type, "Content-Encoding": "gzip"}
    if TOKEN:
        headers["Authorization"] = f"Bearer {TOKEN}"
    request = urllib.request.Request(
        f"{URL}/api/v1/feeds/{FEED}/events", gzip.compress(body), headers, method="POST"
    )
    for attempt in range(1, ATTEMPTS + 1):
        wait = random.uniform(0, min(30, 0.25 * 2**attempt))
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)["rejected"]
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                raise RuntimeError(f"{error.code}: {error.read().decode(errors='replace')}") from error
            wait = max(wait, float(error.headers.get("Retry-After") or 0))
            reason = error
        except OSError as error:
            reason = error
        if attempt < ATTEMPTS:
            time.sleep(wait)
    raise reason


def encode(events):
    if fastavro is None or SCHEMA is None:
        return "application/x-ndjson", "\n".join(json.dumps(event) for event in events).encode()
    out = io.BytesIO()
    fastavro.writer(out, fastavro.schema.load_schema(SCHEMA), events, codec="deflate")
    return "application/avro", out.getvalue()


@contextmanager
def stage(correlation_id, pipeline, name, attempt=1):
    """Tells the story of a piece of work: started, then completed or failed. Yields a dict for its counts."""
    counts = {}
    started = now()
    event = {
        "eventId": str(uuid.uuid4()),
        "correlationId": correlation_id,
        "pipelineName": pipeline,
        "stageName": name,
        "eventTimestamp": started,
        "attempt": attempt,
    }
    tell({**event, "status": "STARTED", "lastUpdatedAt": started})
    try:
        yield counts
    except Exception as error:
        # The first line is what failures are grouped by.
        end = {"status": "FAILED", "errorMessage": f"{type(error).__name__}: {error}"}
        raise
    else:
        end = {"status": "COMPLETED"}
    finally:
        ended = max(now(), started + 1)
        tell({**event, **counts, **end, "lastUpdatedAt": ended, "durationMs": ended - started})


def tell(event):
    """The work does not fail because nobody watches it."""
    try:
        for rejected in publish([event]):
            print(f"rejected: {rejected['field']} {rejected['reason']}", file=sys.stderr)
    except (OSError, RuntimeError) as error:
        print(f"not published: {error}", file=sys.stderr)


def now():
    return int(time.time() * 1000)


if __name__ == "__main__":
    batch = sys.argv[1] if len(sys.argv) > 1 else f"nightly-{time.strftime('%Y%m%d')}"
    with stage(batch, "orders", "extract") as counts:
        counts["processedRecordCount"] = sum(1 for _ in range(1200))
        counts["sourceRecordCount"] = 1204
    try:
        with stage(batch, "orders", "load"):
            raise ValueError("amount is no number")
    except ValueError:
        print("load failed, as it was told to")
