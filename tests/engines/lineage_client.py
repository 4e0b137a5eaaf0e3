"""Sends events by OpenLineage's own client: lineage_client.py URL."""
import sys

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Dataset, Job, Run, RunEvent, RunState
from openlineage.client.transport.http import HttpConfig, HttpTransport
from openlineage.client.uuid import generate_new_uuid

client = OpenLineageClient(transport=HttpTransport(HttpConfig(url=sys.argv[1])))
run = Run(runId=str(generate_new_uuid()))
job = Job(namespace="airflow", name="load_orders")
for state in (RunState.START, RunState.COMPLETE):
    client.emit(
        RunEvent(
            eventType=state,
            eventTime="2026-01-02T03:04:05.000Z",
            run=run,
            job=job,
            producer="https://example.com",
            inputs=[Dataset(namespace="postgres://db:5432", name="shop.public.orders")],
            outputs=[Dataset(namespace="trueline", name="streams/orders")],
        )
    )
