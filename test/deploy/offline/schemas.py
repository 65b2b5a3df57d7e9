"""Writes the schemas that kubeconform judges the manifests by: schemas.py OUT CRD.yaml...

Kubernetes' own come from PyPI's kubernetes-validate, whose references kubeconform does not follow: they are put in. Those of
KEDA and the Prometheus operator are read from their CRDs. Those of Strimzi's v1 and of VictoriaMetrics' operator cannot be had
through a package registry: they are written here, for as much as the manifests use of them.
"""

import json
import sys
from pathlib import Path

import kubernetes_validate
import yaml

kinds = """configmap-v1 deployment-apps-v1 horizontalpodautoscaler-autoscaling-v2 namespace-v1 networkpolicy-networking-v1
poddisruptionbudget-policy-v1 service-v1 statefulset-apps-v1""".split()
out = Path(sys.argv[1])
own = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / "v1.37.0-local-strict"
definitions = json.loads((own / "_definitions.json").read_text())["$defs"]


def write(name, schema):
    (out / f"{name}.json").write_text(json.dumps(schema))


def whole(schema):
    needed = {}

    def visit(part):
        if isinstance(part, dict):
            name = part.get("$ref", "").rpartition("#/$defs/")[2]
            if name:
                part["$ref"] = f"#/$defs/{name}"
                if name not in needed:
                    needed[name] = json.loads(json.dumps(definitions[name]))
                    visit(needed[name])
        for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
            visit(child)

    visit(schema)
    return {**schema, "$defs": needed}


def strict(part):
    if isinstance(part, dict) and "properties" in part and not part.get("x-kubernetes-preserve-unknown-fields"):
        part.setdefault("additionalProperties", False)
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        strict(child)
    return part


def custom(path):
    for crd in filter(None, yaml.safe_load_all(Path(path).read_text())):
        group, kind = crd["spec"]["group"].split(".")[0], crd["spec"]["names"]["kind"].lower()
        for version in crd["spec"]["versions"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            write(f"{kind}-{group}-{version['name']}", schema)


text, number, flag, anything = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}, {"type": "object"}


def one(*words):
    return {"enum": list(words)}


def many(item):
    return {"type": "array", "items": item}


def record(required="", **properties):
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required.split()} if required else schema


def top(version, kind, spec):
    group = version.split(".")[0]
    schema = record("apiVersion kind metadata spec", apiVersion=one(version), kind=one(kind), metadata=anything, spec=spec)
    write(f"{kind.lower()}-{group}-{version.split('/')[1]}", schema)


operations = "Read Write Create Delete Alter Describe ClusterAction AlterConfigs DescribeConfigs IdempotentWrite All".split()
resource = record(
    "type",
    type=one("topic", "group", "cluster", "transactionalId"),
    name=text,
    patternType=one("literal", "prefix"),
)
acl = record("resource operations", type=one("allow", "deny"), host=text, resource=resource, operations=many(one(*operations)))
volume = record(
    "type",
    type=one("ephemeral", "persistent-claim"),
    **{"id": number, "size": text, "class": text, "kraftMetadata": one("shared"), "deleteClaim": flag},
)
listener = record(
    "name port type tls",
    **{"name": text, "port": number, "type": text, "tls": flag},
    authentication=record("type", type=one("scram-sha-512", "tls")),
    configuration=anything,
    networkPolicyPeers=many(anything),
)
kafka = record(
    "listeners",
    **{"version": text, "metadataVersion": text, "config": anything, "listeners": many(listener)},
    authorization=record("type", type=one("simple")),
)

out.mkdir(parents=True, exist_ok=True)
for kind in kinds:
    write(kind, whole(json.loads((own / f"{kind}.json").read_text())))
for path in sys.argv[2:]:
    custom(path)
strimzi = "kafka.strimzi.io/v1"
top(strimzi, "KafkaTopic", record(partitions=number, replicas=number, config=anything, topicName=text))
top(
    strimzi,
    "KafkaUser",
    record(
        authentication=record("type", type=one("tls", "tls-external", "scram-sha-512")),
        authorization=record("type acls", type=one("simple"), acls=many(acl)),
    ),
)
top(
    strimzi,
    "KafkaNodePool",
    record(
        "replicas storage roles",
        **{"replicas": number, "roles": many(one("controller", "broker")), "resources": anything},
        storage=record("type", type=one("jbod"), volumes=many(volume)),
    ),
)
top(strimzi, "Kafka", record("kafka", kafka=kafka, entityOperator=record(topicOperator=anything, userOperator=anything)))
endpoint = record(port=text, interval=text, scrapeTimeout=text, path=text)
scrape = record("endpoints", jobLabel=text, selector=anything, endpoints=many(endpoint))
top("operator.victoriametrics.com/v1beta1", "VMServiceScrape", scrape)
