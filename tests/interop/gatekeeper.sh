#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# Gatekeeper itself, beside a real API server, with deploy/kubernetes/gatekeeper.yaml: Hullmark answers as its provider, and what was
# released is created, everything else is refused with the reason.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
. "$PROJECT/tests/kube.bash"
need gatekeeper etcd kube-apiserver openssl curl
need_data signing/gatekeeper/deploy/gatekeeper.yaml

gate_server
if ! gate_images; then
	not_ok "images of every sort are made" "$(tail -n 5 "$T/server.log")"
	done_testing
	exit
fi
api_port=''
kube_server || { not_ok "the API server comes up" "$(tail -n 5 "$T/apiserver.log")" && done_testing && exit; }

# --- Gatekeeper, as its own deployment has it, but for the pod ---

# documents FILE FOLDER: each of its YAML documents in a file of its own
documents() {
	mkdir -p "$2"
	awk -v folder="$2" '/^---/ { n++; next } { print > sprintf("%s/%02d.yaml", folder, n) }' "$1"
}
documents "$TESTDATA/signing/gatekeeper/deploy/gatekeeper.yaml" "$T/deploy"
made=0
for file in "$T"/deploy/*.yaml; do
	grep -q '^kind: CustomResourceDefinition' "$file" || continue
	[[ $(kube POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions "$(<"$file")") == 201* ]] && ((++made))
done
like "Gatekeeper's own kinds are made" "$made" '^[1-9]'
like "and its namespace" "$(kube POST /api/v1/namespaces '{apiVersion: v1, kind: Namespace, metadata: {name: gatekeeper-system}}')" '^201 '
established() { [[ $(kube GET /apis/externaldata.gatekeeper.sh/v1beta1/providers) == 200* && $(kube GET /apis/templates.gatekeeper.sh/v1/constrainttemplates) == 200* ]]; }
retry 30 established

cat >"$T/kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:$api_port", insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: test-token}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
YAML
mkdir "$T/webhook-certs"
cp "$CA" "$T/webhook-certs/tls.crt"
cp "$CA" "$T/webhook-certs/ca.crt"
cp "$T/tls.key" "$T/webhook-certs/tls.key"
keeper='' health='' numbers=''
free_port keeper
free_port health
free_port numbers
START_SECONDS=90 start_server gatekeeper "$keeper" env POD_NAME=gatekeeper POD_NAMESPACE=gatekeeper-system gatekeeper \
	--kubeconfig="$T/kubeconfig" --port="$keeper" --cert-dir="$T/webhook-certs" --disable-cert-rotation --debug-use-fake-pod \
	--health-addr="127.0.0.1:$health" --prometheus-port="$numbers" --operation=webhook --operation=status --operation=generate

# --- Hullmark as its provider ---

# As it stands, but for the address: there is no cluster to run a service in.
sed "s|url: https://[^/]*/|url: https://$gate/|; s|CA_BUNDLE|$(base64 -w 0 "$CA")|" "$PROJECT/deploy/kubernetes/gatekeeper.yaml" >"$T/gatekeeper.yaml"
documents "$T/gatekeeper.yaml" "$T/ours"
declare -A ours
for file in "$T"/ours/*.yaml; do ours[$(sed -n 's/^kind: //p' "$file")]=$(<"$file"); done
like "the Provider is taken" "$(kube POST /apis/externaldata.gatekeeper.sh/v1beta1/providers "${ours[Provider]}")" '^201 '
like "the ConstraintTemplate is taken" "$(kube POST /apis/templates.gatekeeper.sh/v1/constrainttemplates "${ours[ConstraintTemplate]}")" '^201 '
# Gatekeeper makes the kind that the template names.
constraint() { [[ $(kube POST /apis/constraints.gatekeeper.sh/v1beta1/hullmarkverification "${ours[HullmarkVerification]}") == 201* ]]; }
if retry 60 constraint; then ok "the constraint is taken"; else not_ok "the constraint is taken" "$(tail -n 5 "$T/gatekeeper.log")"; fi
like "Gatekeeper is asked about what has a pod" "$(kube POST /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: gatekeeper}
webhooks:
  - name: validation.gatekeeper.sh
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Fail
    timeoutSeconds: 5
    clientConfig: {url: 'https://127.0.0.1:$keeper/v1/admit', caBundle: $(base64 -w 0 "$CA")}
    rules:
      - {apiGroups: ['', apps, batch], apiVersions: ['*'], operations: [CREATE, UPDATE], resources: [pods, pods/ephemeralcontainers,
         podtemplates, replicationcontrollers, deployments, daemonsets, replicasets, statefulsets, jobs, cronjobs]}
")" '^201 '

apps=/apis/apps/v1/namespaces/default batch=/apis/batch/v1/namespaces/default core=/api/v1/namespaces/default
pod() { # IMAGE [MORE OF THE SPEC]
	kube POST $core/pods "{apiVersion: v1, kind: Pod, metadata: {generateName: pod-},
		spec: {automountServiceAccountToken: false, containers: [{name: main, image: '$1'}]${2:+, $2}}}"
}
deployment() { # IMAGE [NAME]
	kube POST $apps/deployments "{apiVersion: apps/v1, kind: Deployment, metadata: {${2:+name: $2, }generateName: deployment-},
		spec: {selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: main, image: '$1'}]}}}}"
}
# The webhook is registered, template and constraint are read, the provider is known: within seconds.
refused() { [[ $(pod "$bare") =~ ^403.*'denied by rule' ]]; }
retry 60 refused

no='^403 .*signed-with-evidence.*denied by rule'
like "a Pod of the released image is created" "$(pod "$released")" '^201 '
like "a Pod of the released index is created" "$(pod "$index")" '^201 '
like "a Deployment of the released image is created" "$(deployment "$released" good)" '^201 '
like "a Pod of the unsigned image is refused, and why" "$(pod "$unsigned")" "$no \\\\\"signed\\\\\""
like "a Pod of the tampered image is refused" "$(pod "$tampered")" "$no \\\\\"signed\\\\\""
like "a Pod of an image without report is refused" "$(pod "$no_report")" "$no \\\\\"report\\\\\""
like "a Pod of a tag is refused" "$(pod "${released%@*}:released")" "$no \\\\\"reference\\\\\""
like "a Deployment of the unsigned image is refused" "$(deployment "$unsigned")" "$no \\\\\"signed\\\\\""
like "a CronJob of it is refused" "$(kube POST $batch/cronjobs "{apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {schedule: '0 0 * * *',
	jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: '$unsigned'}]}}}}}}")" "$no \\\\\"signed\\\\\""
like "a PodTemplate of it is refused" "$(kube POST $core/podtemplates "{apiVersion: v1, kind: PodTemplate, metadata: {name: p},
	template: {metadata: {labels: {app: x}}, spec: {containers: [{name: main, image: '$unsigned'}]}}}")" "$no \\\\\"signed\\\\\""
like "an unsigned init container is refused" "$(pod "$released" "initContainers: [{name: first, image: '$unsigned'}]")" "$no \\\\\"signed\\\\\""
like "an unsigned image volume is refused" "$(pod "$released" "volumes: [{name: data, image: {reference: '$unsigned'}}]")" "$no \\\\\"signed\\\\\""
like "a released image volume is taken" "$(pod "$released" "volumes: [{name: data, image: {reference: '$released'}}]")" '^201 '
image() { printf '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"%s"}]}}}}' "$1"; }
like "an update to the unsigned image is refused" "$(patch $apps/deployments/good "$(image "$unsigned")")" 'denied by rule \\"signed\\".* 403$'
like "an update to another good one is not" "$(patch $apps/deployments/good "$(image "$index")")" ' 200$'
like "nor one that leaves the images alone" "$(patch $apps/deployments/good '{"spec":{"replicas":3}}')" '"replicas": *3.* 200$'

# Gatekeeper keeps answers for three minutes; the namespace is part of what it asked.
kube POST /api/v1/namespaces '{apiVersion: v1, kind: Namespace, metadata: {name: other}}' >/dev/null
stop_server "$server"
core=/api/v1/namespaces/other
like "without the gate a Pod of the released image is not created either" "$(pod "$released")" \
	'^403 .*signed-with-evidence.*failed to send external data request'
gate_server
like "with the gate back it is" "$(pod "$released")" '^201 '
done_testing
