# The project's commands; `make` lists them. Everything they need is installed when it is missing.
#
#   CARGO_FLAGS=--no-default-features   leaves out the clients of AWS and Kubernetes: most of the build
#   ARGS=--once                         is handed to the demo, or to docker build by image-test

SHELL := /usr/bin/env bash
# With several jobs cargo would look there for a jobserver that make hands to other makes alone.
unexport MAKEFLAGS MFLAGS
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

CARGO ?= cargo
CARGO_FLAGS ?=
ARGS ?=

# What is tested is built by clippy: it compiles as rustc does, but for passes that a debug build can do without, and
# says what it finds. A check of its own would have every dependency read once more, a good part of a cold build.
# What it finds is an error with the Rust of ci.yml; what another's clippy has learned since is only shown.
DENIED := $(if $(findstring rustc 1.95.,$(shell rustc --version 2>&1)),-D__CLIPPY_HACKERY__warnings)
CHECKED := RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=$(DENIED) $(CARGO)
DEBUG := $(or $(CARGO_TARGET_DIR),target)/debug

VENV := .venv
BIN := $(VENV)/bin
SERVERS := prometheus prometheus-alertmanager prometheus-node-exporter postgres victoria-metrics
DASHBOARDS := $(wildcard dashboards/*.json)
RULES := $(wildcard rules/*.yml)
WORKFLOWS := $(wildcard .github/workflows/*.yml)
SCRIPTS := .ci/run $(wildcard tools/*.sh tools/*/*.sh demo/*.sh terraform/host/files/*.sh)
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo --preserve-env)
TERRAFORM_VENV := .venv-terraform
TERRAFORM_BIN := $(TERRAFORM_VENV)/bin
MODEL_SERVER := tools/model_server/node_modules/.package-lock.json
PANELS := tools/panels/node_modules/.package-lock.json
SECONDS_OF_SCENE ?= 240
SECRETS := $(addprefix deploy/compose/secrets/,webhook.token scrape.token operator.token)

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

.PHONY: build
build: cargo ## Build the daemon, optimised
	$(CARGO) build --release --locked $(CARGO_FLAGS)

.PHONY: deb
deb: build cargo-deb ## Make a Debian package
	tools/deb.sh

# Without optimising: it runs for seconds.
.PHONY: cargo-deb
cargo-deb: cargo
	command -v cargo-deb >/dev/null || nice -n 19 $(CARGO) install --locked --debug cargo-deb --version 3.6.2

.PHONY: image-test
image-test: ## Build the image whole, as a release does, and run it, hardened
	tools/image_smoke.sh $(ARGS)

.PHONY: test
test: test-rust test-terraform test-deb test-image test-kubernetes ## Run every test, against real servers

# With several jobs these wait: API servers and engines that start take both processors, and tests that wait for what
# takes seconds would wait in vain.
ifneq ($(filter test,$(MAKECMDGOALS)),)
test-deb test-image test-kubernetes-manifests: | test-rust test-terraform
endif

# Tests against servers wait more than half of their time. With twice as many threads as processors answers come too
# late for those tests that time them, once something else wants to run as well.
TEST_THREADS ?= $(shell echo $$(( $$(nproc) * 3 / 2 )))
.PHONY: test-rust
test-rust: cargo prepare-test
	RUST_TEST_THREADS=$(TEST_THREADS) $(CHECKED) test --locked $(CARGO_FLAGS)

# What the tests need and cargo does not build: .ci/run fetches it while the compiler is at work.
.PHONY: prepare-test
prepare-test: $(BIN)/.ready $(MODEL_SERVER)
	tools/install.sh $(SERVERS) promtool amtool busctl dbus-daemon unshare setpriv dockerd busybox mmdebstrap etcd \
		dpkg-deb dpkg-shlibdeps help2man lintian ip openssl jq

# The daemon of the tests, for what wants no more than a daemon: tests give the dependencies other features, and a
# build without them makes them all anew.
.PHONY: tested-daemon
tested-daemon: cargo prepare-test
	$(CHECKED) test --locked $(CARGO_FLAGS) --no-run --test docs

# What an instance installs, in an empty root, with the daemon as it is built; and what its role may do.
.PHONY: test-terraform
test-terraform: tested-daemon terraform-cli ## Install as terraform/ does in an empty root, and try its role
	TERRAFORM=$(TERRAFORM) $(BIN)/python tools/terraform/try_permissions.py
	$(AS_ROOT) env TERRAFORM=$(TERRAFORM) unshare --mount $(BIN)/python -u tools/terraform/try_install.py \
		$(DEBUG)/smartcloudops

.PHONY: test-deb
test-deb: tested-daemon cargo-deb ## Install the Debian package in a clean root and run it there
	rm -rf $(DEBUG)/package
	tools/deb.sh $(DEBUG)/smartcloudops $(DEBUG)/package
	$(AS_ROOT) tools/deb_test/run.sh $(DEBUG)/package/*.deb

# The image's last stage; `make image-test` has the first one compile for as long as a release takes.
.PHONY: test-image
test-image: tested-daemon ## Run the image, hardened, with the daemon of the tests
	$(AS_ROOT) env BINARY=$(DEBUG)/smartcloudops tools/image_smoke.sh

.PHONY: incidents
incidents: cargo $(BIN)/.ready $(MODEL_SERVER) ## Judge explanations by the incidents of tests/incidents
	tools/install.sh prometheus promtool prometheus-node-exporter
	$(CHECKED) test --locked $(CARGO_FLAGS) --test integration incidents:: -- --nocapture

GO = $(CURDIR)/$(BIN)/go
KUBE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/smartcloudops/kubernetes-v1.37.2
.PHONY: test-kubernetes
test-kubernetes: tested-daemon test-kubernetes-manifests ## Run the tests on Kubernetes against a real API server
	KUBE_APISERVER=$(KUBE)/kube-apiserver $(CHECKED) test --locked $(CARGO_FLAGS) --features kubernetes \
		--test integration kubernetes::

# What .ci/run builds while the compiler does not keep the processors busy.
.PHONY: kubernetes-server
kubernetes-server: $(KUBE)/kube-apiserver $(KUBE)/kubectl

# The resources of Prometheus's operator are described in its own module.
OPERATOR := github.com/prometheus-operator/prometheus-operator
.PHONY: test-kubernetes-manifests
test-kubernetes-manifests: kubernetes-server $(BIN)/.ready ## Have a real API server take deploy/kubernetes
	crds=$$(cd $(KUBE) && $(GO) mod download -json $(OPERATOR)@v0.85.0 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p') && \
	KUBE_APISERVER=$(KUBE)/kube-apiserver KUBECTL=$(KUBE)/kubectl CRDS=$$crds/example/prometheus-operator-crd \
		tools/kubernetes_manifests.sh

# Built once, for a quarter of an hour of a core, one after the other, for most packages are in both. The version must be
# told: it is what the programs take themselves for.
KUBE_VERSION := -X k8s.io/component-base/version.gitVersion=v1.37.2
KUBE_VERSION += -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37
$(KUBE)/kube-apiserver: PACKAGE = .
$(KUBE)/kubectl: PACKAGE = ./kubectl
$(KUBE)/kubectl: | $(KUBE)/kube-apiserver
$(KUBE)/%: tools/kube-apiserver/go.mod tools/kube-apiserver/main.go tools/kube-apiserver/kubectl/main.go | $(BIN)/.ready
	mkdir -p $(@D)
	cd tools/kube-apiserver && nice -n 19 $(GO) build -trimpath -o $@ -ldflags '-s -w $(KUBE_VERSION)' $(PACKAGE)

.PHONY: prometheus-rules
prometheus-rules: ## Write the rules for Kubernetes from rules/
	tools/prometheus_rules.sh $(RULES) >deploy/kubernetes/base/prometheusrules.yaml

.PHONY: lint
lint: lint-rust lint-platform lint-workflows lint-actionlint lint-terraform lint-text lint-dependencies ## Run every checker

.PHONY: demo
demo: cargo ## Show the whole path on this machine: anomaly, alert, action, proof, explanation
	demo/run.sh $(ARGS)

.PHONY: bench
bench: cargo ## Measure
	tools/install.sh valgrind
	$(CARGO) bench --locked $(CARGO_FLAGS)

# What of the pages in docs/ is made from the code; a test fails where they differ.
.PHONY: docs
docs: cargo ## Write the generated parts of docs/ anew
	WRITE_DOCS=1 $(CHECKED) test --locked $(CARGO_FLAGS) --test docs the_page_has

.PHONY: fmt
fmt: cargo $(BIN)/.ready ## Format the code
	$(CARGO) fmt --all
	$(BIN)/taplo fmt

.PHONY: dashboards
dashboards: $(BIN)/.ready ## Write dashboards/*.json from tools/dashboards
	$(BIN)/python -B tools/dashboards/generate.py dashboards

# The data is what the test of the dashboards has seen, with some minutes more. Not part of `make test`: Grafana's
# components are 670 MB of packages.
PICTURES := $(or $(CARGO_TARGET_DIR),target)/tmp/dashboards
.PHONY: screenshots
screenshots: cargo $(BIN)/.ready $(MODEL_SERVER) $(PANELS) ## Draw the dashboards over real data, into target/tmp/dashboards/pictures
	tools/install.sh prometheus promtool prometheus-alertmanager prometheus-node-exporter chromium
	SMARTCLOUDOPS_SCENE_SECONDS=$(SECONDS_OF_SCENE) $(CHECKED) test --locked $(CARGO_FLAGS) --test integration dashboards::
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix tools/panels run --silent pictures -- $(abspath $(PICTURES)) $(abspath $(PICTURES))/pictures

.PHONY: secrets
secrets: $(SECRETS) ## Write random tokens for compose.yaml

.PHONY: clean-venv
clean-venv: ## Remove the virtual environments of the checkers
	rm -rf $(VENV) $(TERRAFORM_VENV)

.PHONY: lint-rust
lint-rust: cargo
	$(CARGO) fmt --all --check
	$(CHECKED) test --locked --all-targets --no-run $(CARGO_FLAGS)
	RUSTDOC=$(CURDIR)/tools/rustdoc.sh $(CHECKED) test --locked --doc $(CARGO_FLAGS)

# Of prometheus.yml the syntax alone: the secrets it names exist only inside the container.
.PHONY: lint-platform
lint-platform: $(BIN)/.ready
	tools/install.sh promtool amtool vmalert
	tools/check_rules.sh
	promtool check config --syntax-only --lint=all --lint-fatal deploy/compose/prometheus.yml
	tools/check_alertmanager.sh
	$(BIN)/python -B tools/dashboards/generate.py --check dashboards
	$(BIN)/python -B tools/check_dashboard.py $(DASHBOARDS)
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/hadolint Dockerfile
	tools/lint_packages.sh $(RULES)

# Offline: what a workflow uses is pinned by a commit, and is not looked up.
.PHONY: lint-workflows
lint-workflows: $(BIN)/.ready
	$(BIN)/zizmor --offline --no-progress --quiet .github
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/python tools/check_run_blocks.py $(BIN)/shellcheck $(WORKFLOWS)

# Built once by a Go of the environment's own.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/smartcloudops
ACTIONLINT := $(CACHE)/actionlint-1.7.12
.PHONY: lint-actionlint
lint-actionlint: $(ACTIONLINT) $(BIN)/.ready ## Check the workflows by actionlint
	$(ACTIONLINT) -shellcheck $(BIN)/shellcheck $(WORKFLOWS)

$(ACTIONLINT): tools/actionlint/go.mod tools/actionlint/go.sum | $(BIN)/.ready
	mkdir -p $(@D)
	cd tools/actionlint && $(GO) build -trimpath -o $@ github.com/rhysd/actionlint/cmd/actionlint

# Licences, banned crates and sources; the workflow audit asks for advisories besides. Builds
# cargo-deny for minutes where it is missing, without optimising: it runs for seconds.
.PHONY: lint-dependencies
lint-dependencies: cargo ## Check licences and sources of the dependencies
	command -v cargo-deny >/dev/null || nice -n 19 $(CARGO) install --locked --debug cargo-deny --version 0.20.2
	$(CARGO) deny check licenses bans sources

# Attributes are checked against the provider's schema, and tests run on mocks; nothing is asked of AWS.
.PHONY: lint-terraform
lint-terraform: terraform-cli $(TERRAFORM_BIN)/.ready
	$(TERRAFORM) fmt -check -recursive -diff terraform
	TERRAFORM=$(TERRAFORM) tools/terraform-stub/check.sh $(TERRAFORM_BIN)/python
	TERRAFORM=$(TERRAFORM) $(TERRAFORM_BIN)/python tools/terraform/check_policies.py
	$(TERRAFORM_BIN)/checkov --directory terraform --framework terraform --compact --quiet --skip-download

.PHONY: lint-text
lint-text: $(BIN)/.ready
	$(BIN)/shellcheck $(SCRIPTS)
	$(BIN)/taplo fmt --check
	$(BIN)/typos

.PHONY: cargo
cargo:
	@command -v $(CARGO) >/dev/null || { echo "Rust is missing; install it from https://rustup.rs" >&2; exit 1; }
	@$(CARGO) fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@$(CARGO) clippy --version >/dev/null 2>&1 || rustup component add clippy
	@tools/install.sh cc

# Made anew when the list of checkers changes.
$(BIN)/.ready: tools/requirements.txt
	tools/install.sh python3 python3-venv
	python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

# Of its own: checkov holds many packages at versions that others have left behind.
$(TERRAFORM_BIN)/.ready: tools/terraform/requirements.txt
	tools/install.sh python3 python3-venv
	python3 -m venv $(TERRAFORM_VENV)
	$(TERRAFORM_BIN)/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

# The one on PATH, or a copy of our own beside the checkers.
TERRAFORM = $(or $(shell command -v terraform),$(CURDIR)/$(TERRAFORM_BIN)/terraform)
.PHONY: terraform-cli
terraform-cli: $(TERRAFORM_BIN)/.ready
	@command -v terraform >/dev/null || tools/terraform/fetch.sh $(TERRAFORM_BIN)/terraform

# The server that stands for a language model's. Nothing of its own is run on installation.
.PHONY: model-server
model-server: $(MODEL_SERVER)

$(MODEL_SERVER): tools/model_server/package-lock.json $(BIN)/.ready
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(dir $<) ci --ignore-scripts --silent
	touch $@

# Grafana's components, and what draws them. Nothing of theirs is run on installation.
$(PANELS): tools/panels/package-lock.json $(BIN)/.ready
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(dir $<) ci --ignore-scripts --silent
	touch $@

# The containers run as users of their own: the files are readable, the folder is not.
deploy/compose/secrets/%.token:
	install -d -m 0700 $(@D)
	head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > $@
	chmod 0644 $@
