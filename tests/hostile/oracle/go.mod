module oracle

go 1.23.0

require (
	github.com/containerd/containerd v1.7.29
	github.com/containerd/log v0.1.0
	golang.org/x/sys v0.34.0
)

require (
	github.com/containerd/continuity v0.4.4 // indirect
	github.com/moby/sys/userns v0.1.0 // indirect
	github.com/sirupsen/logrus v1.9.3 // indirect
	golang.org/x/sync v0.16.0 // indirect
)
