"""Plays what the engine of a Python flow sends to a Prefect 3 server, with nothing but the standard library.

The order is that of prefect-api.md, "Runtime protocol of a deployed run": GET the run, PATCH version and retry policy, RUNNING (waiting where the server
says WAIT), logs in batches, heartbeats and task runs as events over /events/in, the final state; after a REJECT to AwaitingRetry once more.
What the flow does is its parameter "mode".
"""
import base64, json, os, signal, socket, struct, sys, time, urllib.error, urllib.parse, urllib.request, uuid
from datetime import datetime, timezone

API = os.environ["PREFECT_API_URL"].rstrip("/")
RUN = os.environ["PREFECT__FLOW_RUN_ID"]
HEADERS = {"User-Agent": "prefect/3.8.3 (API 0.8.4)", "X-PREFECT-API-VERSION": "0.8.4", "Accept": "*/*", "Content-Type": "application/json"}
CSRF = {}


def now():
    return datetime.now(timezone.utc).isoformat()


def ask(method, path, body=None):
    """One request; 503 is tried again, CSRF is taken up when the server asks for it."""
    for attempt in range(8):
        headers = dict(HEADERS)
        if os.environ.get("PREFECT_API_AUTH_STRING"):
            headers["Authorization"] = "Basic " + base64.b64encode(os.environ["PREFECT_API_AUTH_STRING"].encode()).decode()
        elif os.environ.get("PREFECT_API_KEY"):
            headers["Authorization"] = "Bearer " + os.environ["PREFECT_API_KEY"]
        if method != "GET":
            headers.update(CSRF)
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(API + path, data, headers, method=method), timeout=30) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            if error.code == 403 and "CSRF" in text and attempt < 7:
                client = str(uuid.uuid4())
                token = ask("GET", "/csrf-token?client=" + client)
                CSRF.update({"Prefect-Csrf-Token": token["token"], "Prefect-Csrf-Client": client})
            elif error.code in (429, 502, 503) and attempt < 7:
                time.sleep(float(error.headers.get("Retry-After") or 2 ** attempt))
            else:
                raise RuntimeError(f"{method} {path}: {error.code} {text}")


class Events:
    """A client of /events/in."""

    def __init__(self):
        url = urllib.parse.urlsplit(API)
        self.socket = socket.create_connection((url.hostname, url.port), timeout=30)
        self.socket.sendall((
            f"GET {url.path}/events/in HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
            f"{base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: prefect\r\n"
            f"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nUser-Agent: {HEADERS['User-Agent']}\r\n\r\n").encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.socket.recv(1)
        assert head.startswith(b"HTTP/1.1 101") and b"prefect" in head, head
        self.send({"type": "auth", "token": os.environ.get("PREFECT_API_AUTH_STRING") or os.environ.get("PREFECT_API_KEY")})
        assert json.loads(self.frame()) == {"type": "auth_success"}

    def send(self, message, op=1):
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        mask = os.urandom(4)
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
        self.socket.sendall(bytes([0x80 | op]) + size + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def frame(self):
        head = self.exactly(2)
        size = head[1] & 0x7F
        if size == 126:
            size = struct.unpack("!H", self.exactly(2))[0]
        return self.exactly(size)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            assert part, "the server closed the connection"
            data += part
        return data

    def emit(self, name, resource, related, payload=None, identity=None):
        self.send({"occurred": now(), "event": name, "resource": resource, "related": related, "payload": payload or {}, "id": identity or str(uuid.uuid4()), "follows": None})

    def checkpoint(self):
        """What Prefect's client does from time to time: the pong says that everything before it is safe."""
        self.send(b"here?", op=9)
        assert self.frame() == b"here?"


def log(message, level=20):
    ask("POST", "/logs/", [{"name": "prefect.flow_runs", "level": level, "message": message, "timestamp": now(), "flow_run_id": RUN, "task_run_id": None}])


def propose(type_, name, message=None, data=None):
    """Goes on with what the server answers: its state, a pause, or the end."""
    while True:
        answer = ask("POST", f"/flow_runs/{RUN}/set_state", {"force": False, "state": {
            "type": type_, "name": name, "message": message, "data": data, "state_details": {"flow_run_id": RUN, "transition_id": str(uuid.uuid4())}}})
        if answer["status"] == "WAIT":
            time.sleep(answer["details"]["delay_seconds"])
        elif answer["status"] == "ABORT":
            print("aborted:", answer["details"]["reason"])
            sys.exit(0)
        else:
            return answer["state"]


def body(run, events, mode):
    flow = ask("GET", "/flows/" + run["flow_id"])
    me = {"prefect.resource.id": "prefect.flow-run." + RUN, "prefect.resource.name": run["name"], "prefect.version": "3.8.3"}
    related = [
        {"prefect.resource.id": "prefect.flow." + flow["id"], "prefect.resource.role": "flow", "prefect.resource.name": flow["name"]},
        {"prefect.resource.id": "prefect.deployment." + run["deployment_id"], "prefect.resource.role": "deployment"}]
    events.emit("prefect.flow-run.heartbeat", me, related)
    if mode == "task":
        task = str(uuid.uuid4())
        for state in ("PENDING", "RUNNING", "COMPLETED"):
            events.emit("prefect.task-run." + state.capitalize(), {"prefect.resource.id": "prefect.task-run." + task, "prefect.resource.name": "add-0"},
                [{"prefect.resource.id": "prefect.flow-run." + RUN, "prefect.resource.role": "flow-run", "prefect.resource.name": run["name"]}],
                {"intended": {"from": None, "to": state}, "initial_state": None, "validated_state": {"type": state, "name": state.capitalize(), "message": ""},
                 "task_run": {"name": "add-0", "task_key": "add-1234", "dynamic_key": "0", "tags": [], "empirical_policy": {}, "task_inputs": {}, "run_count": 1, "flow_run_run_count": 1}})
        print("task run", task)
    events.checkpoint()
    if mode == "fail" or mode == "retry" and run["run_count"] < 1:
        raise ValueError("It failed of course.")
    if mode == "vanish":
        os.kill(os.getpid(), signal.SIGKILL)
    if mode in ("wait", "ignore"):
        print("waiting", flush=True)
        log("waiting")
        time.sleep(120)
    if mode == "parent":
        # run_deployment: find, create, poll until it has ended.
        child = ask("GET", "/deployments/name/" + "/".join(urllib.parse.quote(part, safe="") for part in run["parameters"]["child"].split("/")))
        made = ask("POST", f"/deployments/{child['id']}/create_flow_run", {
            "name": None, "parameters": {"mode": "ok"}, "state": {"type": "SCHEDULED", "name": "Scheduled", "message": None, "data": None, "state_details": {"scheduled_time": now()}},
            "tags": ["from-parent"], "idempotency_key": RUN + "-0", "job_variables": None})
        while True:
            made = ask("GET", "/flow_runs/" + made["id"])
            if made["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
                log(f"child ended {made['state']['name']}")
                return
            time.sleep(0.2)


def stop(*_):
    raise SystemExit(143)


def main():
    run = ask("GET", "/flow_runs/" + RUN)
    mode = run["parameters"].get("mode", "ok")
    if mode == "early":
        sys.exit(3)
    signal.signal(signal.SIGTERM, signal.SIG_IGN if mode == "ignore" else stop)
    ask("PATCH", "/flow_runs/" + RUN, {"flow_version": "f00", "empirical_policy": {
        "max_retries": 0, "retry_delay_seconds": 0.0, "retries": 1 if mode == "retry" else 0, "retry_delay": 0, "pause_keys": [], "resuming": False, "retry_type": None}})
    events = Events()
    name = "Running"
    while True:
        state = propose("RUNNING", name)
        if state["type"] != "RUNNING":
            print("went on with", state["name"])
            sys.exit(0)
        log("Beginning flow run")
        try:
            body(run, events, mode)
        except ValueError as error:
            log(f"Encountered an exception: {error}", 40)
            state = propose("FAILED", "Failed", f"Flow run encountered an exception: ValueError: {error}")
            if state["type"] == "SCHEDULED":
                due = datetime.fromisoformat(state["state_details"]["scheduled_time"].replace("Z", "+00:00"))
                time.sleep(max(0, (due - datetime.now(timezone.utc)).total_seconds()))
                run = ask("GET", "/flow_runs/" + RUN)
                name = "Retrying"
                continue
            sys.exit(1)
        propose("COMPLETED", "Completed", None, {"type": "unpersisted"} if mode == "unpersisted" else None)
        log("Finished in state Completed()")
        sys.exit(1 if mode == "completed-exit1" else 0)


main()
