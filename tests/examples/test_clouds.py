"""The simulated clouds start, stay apart, and end with whoever started them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import AWSPreparedRequest
from simulated import client

from examples.clouds import Clouds, clouds, simulate
from examples.clouds.moto import moto
from examples.clouds.serving import CloudError, serving


def test_clouds_end_with_their_block() -> None:
    with clouds() as running:
        urls = (running.moto_url, running.config_url, running.azure_url)
        assert all(_answers(url) for url in urls)
    assert not any(_answers(url) for url in urls)


def test_clouds_listen_on_loopback_only(cloud: Clouds) -> None:
    assert {urlsplit(u).hostname for u in (cloud.moto_url, cloud.config_url, cloud.azure_url)} == {
        "127.0.0.1"
    }


def test_a_cloud_ends_when_its_caller_is_killed() -> None:
    program = "from examples.clouds.moto import moto\nwith moto() as url: print(url, flush=True); input()"
    caller = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert caller.stdout is not None
    url = caller.stdout.readline().strip()
    assert _answers(url)
    os.kill(caller.pid, signal.SIGKILL)
    caller.communicate()
    _until_gone(url)


def test_two_clouds_at_once_share_nothing(cloud: Clouds) -> None:
    with moto() as other:
        client("sns", cloud).create_topic(Name="only-here")
        there = Clouds(moto_url=other, config_url="", azure_url="", environment={})
        assert client("sns", there).list_topics()["Topics"] == []


def test_a_call_whose_answer_was_lost_is_done_once(cloud: Clouds) -> None:
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    asked = client("iam", cloud)
    asked.meta.events.register("before-send.iam.CreatePolicy", _as_the_same_call)
    said = [asked.create_policy(PolicyName="once", PolicyDocument=policy)["Policy"] for _ in range(2)]
    assert said[0] == said[1]
    with pytest.raises(asked.exceptions.EntityAlreadyExistsException):
        client("iam", cloud).create_policy(PolicyName="once", PolicyDocument=policy)


def _as_the_same_call(request: AWSPreparedRequest, **_: object) -> None:
    request.headers["amz-sdk-invocation-id"] = "c0ffee00-0000-4000-8000-000000000001"


def test_a_cloud_that_can_not_start_says_why() -> None:
    with (
        pytest.raises(CloudError, match=r"No module named examples\.clouds\.absent"),
        serving("examples.clouds.absent"),
    ):
        pytest.fail("it started")


def test_the_environment_is_enough_to_reach_aws(cloud: Clouds) -> None:
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    environment = {"PATH": os.environ["PATH"], **cloud.environment}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "123456789012"


@pytest.mark.parametrize("url", ["config_url", "azure_url"])
def test_an_unknown_switch_is_refused(cloud: Clouds, url: str) -> None:
    with pytest.raises(ValueError, match="unknown: thorttle"):
        simulate(getattr(cloud, url), thorttle=1)


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=2).close()
    except ConnectionRefusedError:
        return False
    return True


def _until_gone(url: str) -> None:
    for _ in range(100):
        if not _answers(url):
            return
        time.sleep(0.05)
    pytest.fail(f"{url} still answers 5 s after its caller was killed")
