"""What runs from the image of tools: topics and users, the exporter of the engines' metrics, a mail sink for trials."""

from contracts.parts import DATABASES
from deploy.kafka.access import USERS, WATCHER
from deploy.kubernetes.objects import (
    SETTINGS,
    Object,
    account,
    container,
    deployment,
    labels,
    pod,
    resources,
    secret_files,
    service,
    settings_from,
    values,
)
from deploy.kubernetes.parts import PORT, job
from deploy.processes import SECRETS, STOP_S

TOOLS = "releve-tools"
EXPORTER = labels("exporter", "exporter")
MAIL = labels("mail", "mail")
MAIL_PORT = 1025


def of_preparation() -> list[Object]:
    """The Jobs that make topics, users and rights on engines that run elsewhere."""
    kafka = {"RELEVE_KAFKA_USER": "admin", "RELEVE_KAFKA_PASSWORD_FILE": f"{SECRETS}/kafka_admin",
             "RELEVE_KAFKA_PASSWORDS": SECRETS}  # fmt: skip
    mongo = {"RELEVE_MONGO_URI_FILE": f"{SECRETS}/mongo_admin_uri", "RELEVE_MONGO_PASSWORDS": SECRETS}
    users = {
        "kafka": ["kafka_admin", *(f"{name}_kafka" for name in USERS)],
        "mongo": ["mongo_admin_uri", *(f"{name}_mongo" for name in (*DATABASES, WATCHER))],
    }
    return [
        account("preparation"),
        *(
            job(f"{engine}-users", f"{engine}-users", pod(
                "preparation",
                [container("provision", TOOLS, command=["python", "-m", f"deploy.{engine}.provision"],
                           envFrom=settings_from(SETTINGS), env=values(own), resources=resources("256m", "100m"))],
                [secret_files({file: file for file in ("inside_ca", *users[engine])})],
            ))
            for engine, own in {"kafka": kafka, "mongo": mongo}.items()
        ),
    ]  # fmt: skip


def of_exporter() -> list[Object]:
    """The exporter of what the engines know: lag, dead letters, outboxes, certificates."""
    own = {"RELEVE_KAFKA_USER": WATCHER, "RELEVE_KAFKA_PASSWORD_FILE": f"{SECRETS}/kafka",
           "RELEVE_MONGO_URI_FILE": f"{SECRETS}/mongo", "RELEVE_HTTP_HOST": "0.0.0.0",
           "RELEVE_HTTP_PORT": str(PORT)}  # fmt: skip
    asked = {"httpGet": {"path": "/metrics", "port": "https", "scheme": "HTTPS"}, "timeoutSeconds": 3}
    main = container(
        "exporter", TOOLS, command=["python", "-m", "deploy.monitoring.exporter"], envFrom=settings_from(SETTINGS),
        env=values(own), ports=[{"name": "https", "containerPort": PORT}], resources=resources("192m", "100m"),
        readinessProbe=asked | {"periodSeconds": 10}, livenessProbe=asked | {"periodSeconds": 30},
    )  # fmt: skip
    files = {f"{WATCHER}_kafka": "kafka", f"{WATCHER}_mongo": "mongo", "inside_ca": "inside_ca",
             "exporter_tls": "inside_certificate"}  # fmt: skip
    described = pod("exporter", [main], [secret_files(files)], terminationGracePeriodSeconds=STOP_S)
    return [
        account("exporter"),
        deployment("exporter", EXPORTER, described),
        service("exporter", EXPORTER, {"https": (PORT, PORT)}, clusterIP="None"),
    ]


def of_mail() -> list[Object]:
    """A mail server for trials: it writes mails to files of its pod, and delivers none."""
    main = container(
        "mail", TOOLS, files=False, command=["python", "-m", "deploy.mail", str(MAIL_PORT), "/mails"],
        ports=[{"name": "smtp", "containerPort": MAIL_PORT}], resources=resources("256m", "50m"),
        readinessProbe={"tcpSocket": {"port": "smtp"}}, volumeMounts=[{"name": "mails", "mountPath": "/mails"}],
    )  # fmt: skip
    described = pod("mail", [main], [{"name": "mails", "emptyDir": {"sizeLimit": "256Mi"}}])
    return [
        account("mail"),
        deployment("mail", MAIL, described),
        service("mail", MAIL, {"smtp": (MAIL_PORT, MAIL_PORT)}),
    ]
