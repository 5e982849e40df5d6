# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
#
# A real Kubernetes API server with its etcd, on top of lib.sh and gate.bash; need etcd and kube-apiserver.
#
#   kube_server                        starts both, and waits until they answer; sets $api_port
#   kube METHOD PATH [BODY]            prints "STATUS BODY"
#   patch PATH BODY [TYPE]             prints "BODY STATUS"

: "${T:?source lib.sh first}"

kube_server() {
	local etcd_port='' etcd_peer='' gates=() # in some versions image volumes must be asked for
	free_port etcd_port
	free_port etcd_peer
	free_port api_port
	start_server etcd "$etcd_port" etcd --data-dir "$T/etcd" --listen-client-urls "http://127.0.0.1:$etcd_port" \
		--advertise-client-urls "http://127.0.0.1:$etcd_port" --listen-peer-urls "http://127.0.0.1:$etcd_peer" \
		--initial-advertise-peer-urls "http://127.0.0.1:$etcd_peer" --initial-cluster "default=http://127.0.0.1:$etcd_peer"
	kube-apiserver --help 2>&1 | grep 'ImageVolume=true|false' >/dev/null && gates=(--feature-gates ImageVolume=true)
	openssl genrsa -out "$T/sa.key" 2048 2>/dev/null
	echo "test-token,admin,1,system:masters" >"$T/tokens.csv"
	START_SECONDS=90 start_server apiserver "$api_port" kube-apiserver --etcd-servers "http://127.0.0.1:$etcd_port" \
		--secure-port "$api_port" --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --cert-dir "$T/apiserver" \
		--service-account-issuer https://kubernetes.default.svc --service-account-key-file "$T/sa.key" \
		--service-account-signing-key-file "$T/sa.key" --token-auth-file "$T/tokens.csv" --authorization-mode RBAC \
		--service-cluster-ip-range 10.0.0.0/24 --disable-admission-plugins ServiceAccount "${gates[@]}"
	retry 60 ready default
}

kube() {
	curl -ksS -X "$1" -H 'Authorization: Bearer test-token' -H 'Content-Type: application/yaml' -H 'Accept: application/json' \
		-o "$T/kube.json" -w '%{http_code} ' ${3:+--data-binary "$3"} "https://127.0.0.1:$api_port$2" && tr -d '\n' <"$T/kube.json"
}
ready() { [[ $(kube GET "/api/v1/namespaces/$1") == 200* ]]; }

patch() {
	curl -ksS -X PATCH -H 'Authorization: Bearer test-token' -H "Content-Type: application/${3:-strategic-merge-patch+json}" \
		--data "$2" -w ' %{http_code}' "https://127.0.0.1:$api_port$1" | tr -d '\n'
}
