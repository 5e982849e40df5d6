#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# A real Kubernetes API server asks the gate: what was released is created, everything else is refused
# with the reason, and without the gate nothing is created. What ran before the gate came can end, and be
# replaced: there are no controllers here, so the test sends what they send.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
. "$PROJECT/tests/kube.bash"
need etcd kube-apiserver openssl curl

gate_server
if ! gate_images; then
	not_ok "images of every sort are made" "$(tail -n 5 "$T/server.log")"
	done_testing
	exit
fi

kube_server || { not_ok "the API server comes up" "$(tail -n 5 "$T/apiserver.log")" && done_testing && exit; }

# --- before the gate ---

# The pod of all these: bad, as was admitted while nobody looked.
bad="containers: [{name: main, image: '$bare'}]"
apps=/apis/apps/v1/namespaces/default batch=/apis/batch/v1/namespaces/default core=/api/v1/namespaces/default
labelled="template: {metadata: {labels: {app: old}}, spec: {$bad}}"
selected="selector: {matchLabels: {app: old}}, $labelled"
# before SENTENCE COLLECTION KIND APIVERSION NAME SPEC
before() { like "before the gate: $1" "$(kube POST "$2" "{apiVersion: $4, kind: $3, metadata: {name: $5, finalizers: [test.hullmark.dev/kept]}, $6}")" '^201 '; }
before "a Deployment" $apps/deployments Deployment apps/v1 old "spec: {replicas: 3, $selected}"
before "its ReplicaSet" $apps/replicasets ReplicaSet apps/v1 old "spec: {replicas: 3, $selected}"
before "a StatefulSet" $apps/statefulsets StatefulSet apps/v1 old "spec: {replicas: 3, serviceName: old, $selected}"
before "a DaemonSet" $apps/daemonsets DaemonSet apps/v1 old "spec: {$selected}"
before "a ReplicationController" $core/replicationcontrollers ReplicationController v1 old "spec: {replicas: 3, selector: {app: old}, $labelled}"
before "a PodTemplate" $core/podtemplates PodTemplate v1 old "$labelled"
before "a Job" $batch/jobs Job batch/v1 old "spec: {template: {spec: {restartPolicy: Never, $bad}}}"
before "a CronJob" $batch/cronjobs CronJob batch/v1 old \
	"spec: {schedule: '0 0 * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, $bad}}}}}"
before "a Pod" $core/pods Pod v1 old "spec: {automountServiceAccountToken: false, $bad}"
before "a Pod of an image that is mounted" $core/pods Pod v1 mounted "spec: {automountServiceAccountToken: false,
	containers: [{name: main, image: '$released'}], volumes: [{name: data, image: {reference: '$bare'}}]}"
before "a Pod of a good image" $core/pods Pod v1 good "spec: {automountServiceAccountToken: false,
	initContainers: [{name: first, image: '$bare'}], containers: [{name: main, image: '$released'}]}"

# --- the gate ---

# deploy/kubernetes/webhook.yaml as it stands, but for the address: there is no cluster to run a service in.
sed "s|^ *service: .*|      url: https://$gate/admit|; s|CA_BUNDLE|$(base64 -w 0 "$CA")|" \
	"$PROJECT/deploy/kubernetes/webhook.yaml" >"$T/webhook.yaml"
like "the webhook of deploy/kubernetes is registered" \
	"$(kube POST /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations "$(<"$T/webhook.yaml")")" '^201 '

pod() { # IMAGE [NAMESPACE] [QUERY]
	kube POST "/api/v1/namespaces/${2:-default}/pods${3-}" "{apiVersion: v1, kind: Pod, metadata: {generateName: pod-},
		spec: {automountServiceAccountToken: false, containers: [{name: main, image: '$1'}]}}"
}
deployment() { # IMAGE
	kube POST /apis/apps/v1/namespaces/default/deployments "{apiVersion: apps/v1, kind: Deployment, metadata: {generateName: deployment-},
		spec: {selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: main, image: '$1'}]}}}}"
}
# The API server learns of a new webhook within a second or so.
refused() { [[ $(pod "$bare") == 403* ]]; }
retry 20 refused

like "a Pod of the released image is created" "$(pod "$released")" '^201 '
like "a Deployment of it is created" "$(deployment "$released")" '^201 '
like "a Pod of the released index is created" "$(pod "$index")" '^201 '
like "a Pod of the unsigned image is refused, and why" "$(pod "$unsigned")" '^403 .*gate\.hullmark\.dev.*denied by rule \\"signed\\"'
like "a Deployment of the unsigned image is refused" "$(deployment "$unsigned")" '^403 .*denied by rule \\"signed\\"'
like "a Pod of the tampered image is refused" "$(pod "$tampered")" '^403 .*denied by rule \\"signed\\"'
like "a Deployment of the tampered image is refused" "$(deployment "$tampered")" '^403 .*denied by rule \\"signed\\"'
like "a Pod of an image without evidence is refused" "$(pod "$bare")" '^403 .*denied by rule'
like "a Deployment of an image without evidence is refused" "$(deployment "$bare")" '^403 .*denied by rule'
like "a Pod of an image without report is refused" "$(pod "$no_report")" '^403 .*denied by rule \\"report\\"'
like "a Deployment of an image without report is refused" "$(deployment "$no_report")" '^403 .*denied by rule \\"report\\"'
like "a Pod of an image without SBOM is refused" "$(pod "$no_sbom")" '^403 .*denied by rule \\"sbom\\"'
like "a Pod of an image with unsigned evidence is refused" "$(pod "$loose")" '^403 .*denied by rule'
like "a tag in place of a digest is refused" "$(pod "${released%@*}:released")" '^403 .*denied by rule \\"reference\\"'
like "the refusal names the remedy" "$(pod "$no_report")" "remedy: hullmark release $no_report"
like "a dry run gives the same answer: refused" "$(pod "$bare" default '?dryRun=All')" '^403 '
like "a dry run gives the same answer: created" "$(pod "$released" default '?dryRun=All')" '^201 '
like "a CronJob is looked into" "$(kube POST /apis/batch/v1/namespaces/default/cronjobs \
	"{apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {schedule: '0 0 * * *', jobTemplate: {spec: {template: {spec:
	{restartPolicy: Never, containers: [{name: main, image: '$bare'}]}}}}}}")" '^403 .*denied by rule'
like "an init container is looked at" "$(kube POST /api/v1/namespaces/default/pods "{apiVersion: v1, kind: Pod, metadata: {name: init},
	spec: {initContainers: [{name: i, image: '$bare'}], containers: [{name: main, image: '$released'}]}}")" '^403 .*denied by rule'
# first PATH PREFIX: the name of one that is there
first() { kube GET "$1" | grep -o "\"name\": *\"$2[a-z0-9]*\"" | head -n 1 | grep -o "$2[a-z0-9]*"; }
deployments=/apis/apps/v1/namespaces/default/deployments pods=/api/v1/namespaces/default/pods
like "an update to another image is refused" "$(patch "$deployments/$(first $deployments deployment-)" \
	"{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"$bare\"}]}}}}")" 'denied by rule.* 403$'
like "an ephemeral container is looked at" "$(patch "$pods/$(first $pods pod-)/ephemeralcontainers" \
	"{\"spec\":{\"ephemeralContainers\":[{\"name\":\"debug\",\"image\":\"$bare\"}]}}")" 'denied by rule.* 403$'
like "what is no pod is left alone" "$(kube POST /api/v1/namespaces/default/configmaps '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}')" '^201 '

# --- what was there before the gate ---

image() { printf '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"%s"}]}}}}' "$1"; }
for kind in deployments replicasets statefulsets daemonsets; do
	like "$kind: a label is put on a bad one" "$(patch "$apps/$kind/old" '{"metadata":{"labels":{"seen":"yes"}}}')" ' 200$'
done
for kind in deployments replicasets statefulsets; do
	like "$kind: a bad one is scaled down" "$(patch "$apps/$kind/old" '{"spec":{"replicas":1}}')" '"replicas": *1.* 200$'
	like "$kind: and again, by the scale of its own" "$(patch "$apps/$kind/old/scale" '{"spec":{"replicas":0}}' merge-patch+json)" '"replicas": *0.* 200$'
	like "$kind: its status is written" "$(patch "$apps/$kind/old/status" '{"status":{"observedGeneration":2}}')" ' 200$'
done
like "a bad ReplicationController is scaled down" "$(patch "$core/replicationcontrollers/old" '{"spec":{"replicas":0}}')" ' 200$'
like "a bad PodTemplate is labelled" "$(patch "$core/podtemplates/old" '{"metadata":{"labels":{"seen":"yes"}}}')" ' 200$'
like "a bad CronJob is suspended" "$(patch "$batch/cronjobs/old" '{"spec":{"suspend":true}}')" '"suspend": *true.* 200$'
like "a Deployment is rolled from the bad image to a good one" "$(patch "$apps/deployments/old" "$(image "$released")")" ' 200$'
like "and back is refused" "$(patch "$apps/deployments/old" "$(image "$bare")")" 'image .*denied by rule \\"signed\\".* 403$'
like "a StatefulSet is rolled to a good one" "$(patch "$apps/statefulsets/old" "$(image "$index")")" ' 200$'
like "and to another bad one is refused" "$(patch "$apps/statefulsets/old" "$(image "$unsigned")")" 'denied by rule \\"signed\\".* 403$'
like "a bad DaemonSet is not rolled to another bad one" "$(patch "$apps/daemonsets/old" "$(image "$unsigned")")" 'denied by rule.* 403$'
like "a bad CronJob gets no other bad image" "$(patch "$batch/cronjobs/old" \
	"{\"spec\":{\"jobTemplate\":$(image "$unsigned")}}")" 'denied by rule.* 403$'
like "a bad Deployment gets no second container of its bad image" "$(patch "$apps/replicasets/old" \
	"{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"more\",\"image\":\"$bare\"}]}}}}")" 'denied by rule.* 403$'
like "the pod of a bad ReplicaSet is judged when it is made" "$(kube POST $core/pods "{apiVersion: v1, kind: Pod,
	metadata: {generateName: old-, labels: {app: old}}, spec: {automountServiceAccountToken: false, $bad}}")" '^403 .*denied by rule'
now=$(date -u +%FT%TZ)
like "a Job of the bad image completes" "$(patch "$batch/jobs/old/status" "{\"status\":{\"startTime\":\"$now\",\"completionTime\":\"$now\",\"succeeded\":1,
	\"uncountedTerminatedPods\":{},\"conditions\":[{\"type\":\"SuccessCriteriaMet\",\"status\":\"True\",\"lastTransitionTime\":\"$now\"},
	{\"type\":\"Complete\",\"status\":\"True\",\"lastTransitionTime\":\"$now\"}]}}" merge-patch+json)" '"type": *"Complete".* 200$'
like "its finalizer is taken off" "$(patch "$batch/jobs/old" '{"metadata":{"finalizers":null}}')" ' 200$'
like "a bad Pod's status is written" "$(patch "$core/pods/old/status" '{"status":{"phase":"Succeeded"}}')" '"phase": *"Succeeded".* 200$'
like "a bad Pod gets no other bad image" "$(patch "$core/pods/old" "{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"$unsigned\"}]}}")" 'denied by rule.* 403$'
debug() { printf '{"spec":{"ephemeralContainers":[{"name":"%s","image":"%s"}]}}' "$1" "$2"; }
like "nor a bad ephemeral container" "$(patch "$core/pods/old/ephemeralcontainers" "$(debug bad "$unsigned")")" 'denied by rule.* 403$'
like "not even of the image that it has" "$(patch "$core/pods/old/ephemeralcontainers" "$(debug same "$bare")")" 'denied by rule.* 403$'
like "but a good one" "$(patch "$core/pods/old/ephemeralcontainers" "$(debug fine "$released")")" ' 200$'
like "and a good image" "$(patch "$core/pods/old" "{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"$index\"}]}}")" ' 200$'
like "which it keeps" "$(patch "$core/pods/old" "{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"$bare\"}]}}")" 'denied by rule.* 403$'
like "a bad image does not move from an init container to one that stays" "$(patch "$core/pods/good" \
	"{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"$bare\"}]}}")" 'denied by rule.* 403$'
like "nor from a volume to a container" "$(patch "$core/pods/mounted" \
	"{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"$bare\"}]}}")" 'denied by rule.* 403$'
like "a Pod of an image that is mounted is refused now" "$(kube POST $core/pods "{apiVersion: v1, kind: Pod, metadata: {name: now},
	spec: {automountServiceAccountToken: false, containers: [{name: main, image: '$released'}], volumes: [{name: data, image: {reference: '$bare'}}]}}")" '^403 .*denied by rule'
for object in $apps/replicasets $apps/daemonsets $core/pods $batch/cronjobs; do
	kube DELETE "$object/old" >/dev/null
	like "${object##*/}: a bad one that is being deleted loses its finalizer" "$(patch "$object/old" '{"metadata":{"finalizers":null}}')" ' 200$'
	like "${object##*/}: and is gone" "$(kube GET "$object/old")" '^404 '
done

retry 30 ready kube-system
like "a namespace that is left out is not asked about" "$(pod "$bare" kube-system)" '^201 '

stop_server "$server"
like "without the gate a Pod of the released image is not created either" "$(pod "$released")" '^500 .*failed calling webhook'
like "nor a Deployment" "$(deployment "$released")" '^500 .*failed calling webhook'
unset pid
gate_server
like "with the gate back it is created" "$(pod "$released")" '^201 '
# --- two signatures ---

check "a post-quantum key" hm cert generate-test pq --algorithm ml-dsa-65
cat >"$T/policy.json" <<'JSON'
{"version": "hullmark-1", "trustPolicies": [{"name": "all", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
 "trustStores": ["ca:releases", "ca:pq"], "trustedIdentities": ["*"],
 "roles": [{"name": "classical", "algorithms": ["ES256"]}, {"name": "post-quantum", "algorithms": ["ML-DSA-65"]}]}]}
JSON
dual=$registry/shop/web@$("$PROJECT/tests/make-image.sh" packages "$T/images:dual" "zlib1g/zlib=1:1.2.13.dfsg-1" dual=1.0)
check "an image is released with both keys" hm release "oci:$T/images:dual" --to "$registry/shop/web:dual" --key releases --key pq
check "and a policy demands both" hm policy import "$T/policy.json" --force
one_refused() { [[ $(pod "$released") == 403* ]]; }
check "the gate reads it: what one key signed is refused" retry 10 one_refused
like "with the reason" "$(pod "$released")" '^403 .*denied by rule \\"signed\\".*post-quantum'
like "a Deployment of it, too" "$(deployment "$released")" '^403 .*post-quantum'
like "a Pod of the image with both signatures is created" "$(pod "$dual")" '^201 '
like "and a Deployment" "$(deployment "$dual")" '^201 '

# --- what only Cosign signed ---

missing=cosign
have cosign && missing=$(sigstore_lacks)
[[ -z $missing ]] || { skip "images that Cosign signed" "no $missing" && done_testing && exit 0; }
check "a Sigstore of its own starts" start_sigstore
cd "$T" || exit 1
export COSIGN_PASSWORD='' SSL_CERT_FILE=$CA
rig=(--signing-config rig/signing-config.json --trusted-root rig/trusted-root.json)
for name in ours other; do cosign generate-key-pair --output-key-prefix "$name" >/dev/null 2>&1; done
as_me() { sigstore token me@example.com; }
with_key='' with_other_key='' without_key='' by_stranger='' built='' unbuilt='' misbuilt=''
# cosigned NAME OPTION...: an image with evidence, all of it signed by Cosign alone; its reference goes to $NAME
cosigned() {
	local name=$1 digest each
	shift
	digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:$name" "zlib1g/zlib=1:1.2.13.dfsg-1" "$name=1.0")
	printf -v "$name" %s "$registry/shop/$name@$digest"
	hm copy "oci:$T/images:$name" "$registry/shop/$name:1" >/dev/null || return
	gate_attach "${!name}" sbom && gate_attach "${!name}" report || return
	for each in "$digest" $(evidence "${!name}" application/spdx+json) $(evidence "${!name}" application/sarif+json); do
		cosign sign --yes "${rig[@]}" "$@" "$registry/shop/$name@$each" || return
	done
}
check "Cosign signs an image with a key" cosigned with_key --key ours.key
check "another with another key" cosigned with_other_key --key other.key
check "one without a key" cosigned without_key --identity-token "$(as_me)"
check "and one as somebody else" cosigned by_stranger --identity-token "$(sigstore token stranger@example.com)"
check "Cosign's key is put into a trust store" hm cert add --type key --store ours ours.pub
check "and the root of Sigstore" hm cert add --type sigstore --store rig rig/trusted-root.json
cat >policy.json <<JSON
{"version": "hullmark-1", "trustPolicies": [
 {"name": "all", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
  "trustStores": ["ca:releases", "key:ours", "sigstore:rig"], "trustedIdentities": ["x509.subject: C=US, ST=WA, O=Notary", {"key": "ours"},
   {"issuer": "http://127.0.0.1:$PORT", "subject": "me@example.com"}]},
 {"name": "built", "registryScopes": ["$registry/shop/built", "$registry/shop/unbuilt", "$registry/shop/misbuilt"],
  "signatureVerification": {"level": "strict"}, "trustStores": ["key:ours", "sigstore:rig"], "trustedIdentities": [{"key": "ours"}],
  "attestations": [{"predicateType": "slsa", "slsaLevel": 2, "builder": "https://b.test"}],
  "slsaBuilders": [{"builder": "https://b.test", "signer": {"key": "ours"}, "level": 2}]}]}
JSON
check "one policy trusts both, beside the certificate" hm policy import policy.json --force
created() { [[ $(pod "$1") == 201* ]]; }
check "a Pod of what Cosign signed with the key is created" retry 10 created "$with_key"
like "and a Deployment" "$(deployment "$with_key")" '^201 '
like "a Pod of what it signed without a key is created" "$(pod "$without_key")" '^201 '
like "and a Deployment" "$(deployment "$without_key")" '^201 '
like "a Pod of what was released with the certificate is, too" "$(pod "$released")" '^201 '
like "a Pod of what another Cosign key signed is refused" "$(pod "$with_other_key")" '^403 .*denied by rule \\"signed\\"'
like "a Deployment of it" "$(deployment "$with_other_key")" '^403 .*denied by rule \\"signed\\"'
like "a Pod of what somebody else signed is refused" "$(pod "$by_stranger")" '^403 .*denied by rule \\"signed\\".*trusted identities'

# --- what must have been built by somebody ---

printf '{"buildDefinition":{"buildType":"https://t.test/1","externalParameters":{}},"runDetails":{"builder":{"id":"https://%s.test"}}}\n' b >b.json
sed 's/b\.test/c.test/' b.json >c.json
for name in built unbuilt misbuilt; do check "$name: Cosign signs it" cosigned "$name" --key ours.key; done
provenance() { cosign attest --yes "${rig[@]}" --key "$1.key" --type slsaprovenance1 --predicate "$2.json" "$3"; }
like "a Pod without provenance is refused" "$(pod "$unbuilt")" '^403 .*denied by rule \\"signed\\".*attested'
check "Cosign attests another builder" provenance ours c "$misbuilt"
like "which is refused" "$(pod "$misbuilt")" '^403 .*denied by rule \\"signed\\".*builder'
check "it attests the builder, with another key" provenance other b "$unbuilt"
like "which is refused, too" "$(pod "$unbuilt")" '^403 .*denied by rule \\"signed\\".*attest'
check "and with the key" provenance ours b "$built"
like "which is created" "$(pod "$built")" '^201 '
like "as a Deployment, too" "$(deployment "$built")" '^201 '
done_testing
