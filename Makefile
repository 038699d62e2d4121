# The project's commands; `make` lists them. Everything they need is installed when it is missing.
#
#   CARGO_FLAGS=--no-default-features   leaves out the clients of AWS and Kubernetes: most of the build
#   ARGS=--once                         is handed to the demo

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

CARGO ?= cargo
CARGO_FLAGS ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
SERVERS := prometheus prometheus-alertmanager prometheus-node-exporter postgres victoria-metrics
RULES := $(wildcard rules/*.yml)
RULE_TESTS := $(wildcard rules/tests/*.yml)
DASHBOARDS := $(wildcard dashboards/*.json)
SCRIPTS := .ci/run $(wildcard tools/*.sh tools/*/*.sh demo/*.sh terraform/host/files/*.sh)
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo --preserve-env)
TERRAFORM_VENV := .venv-terraform
TERRAFORM_BIN := $(TERRAFORM_VENV)/bin
MODEL_SERVER := tools/model_server/node_modules/.package-lock.json
SECRETS := $(addprefix deploy/compose/secrets/,webhook.token scrape.token operator.token)

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

.PHONY: build
build: cargo ## Build the daemon, optimised
	$(CARGO) build --release --locked $(CARGO_FLAGS)

.PHONY: test
test: test-rust test-terraform ## Run every test, against real servers

.PHONY: test-rust
test-rust: cargo $(BIN)/.ready $(MODEL_SERVER)
	tools/install.sh $(SERVERS) promtool amtool busctl dbus-daemon unshare setpriv dockerd busybox
	$(CARGO) test --locked $(CARGO_FLAGS)

# What an instance installs, in an empty root, with the daemon as it is built; and what its role may do.
.PHONY: test-terraform
test-terraform: cargo terraform-cli $(BIN)/.ready
	tools/install.sh prometheus promtool prometheus-alertmanager amtool prometheus-node-exporter \
		mmdebstrap unshare setpriv
	$(CARGO) build --locked $(CARGO_FLAGS) --bin smartcloudops
	TERRAFORM=$(TERRAFORM) $(BIN)/python tools/terraform/try_permissions.py
	$(AS_ROOT) env TERRAFORM=$(TERRAFORM) unshare --mount $(BIN)/python -u tools/terraform/try_install.py \
		$(or $(CARGO_TARGET_DIR),target)/debug/smartcloudops

.PHONY: incidents
incidents: cargo $(BIN)/.ready $(MODEL_SERVER) ## Judge explanations by the incidents of tests/incidents
	tools/install.sh prometheus promtool prometheus-node-exporter
	$(CARGO) test --locked $(CARGO_FLAGS) --test integration incidents:: -- --nocapture

# Needs Go, and builds for a quarter of an hour of a core once. The version must be told: it is what the server
# takes itself for.
KUBE_APISERVER := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/smartcloudops/kube-apiserver-v1.37.2
.PHONY: test-kubernetes
test-kubernetes: cargo $(KUBE_APISERVER) ## Run the tests on Kubernetes against a real API server
	tools/install.sh etcd
	KUBE_APISERVER=$(KUBE_APISERVER) $(CARGO) test --locked --no-default-features --features kubernetes \
		--test integration kubernetes::

$(KUBE_APISERVER): tools/kube-apiserver/go.mod tools/kube-apiserver/main.go
	@command -v go >/dev/null || { echo "Go is missing; install 1.26 or newer from https://go.dev" >&2; exit 1; }
	mkdir -p $(@D)
	cd tools/kube-apiserver && go build -trimpath -o $@ -ldflags '-s -w \
		-X k8s.io/component-base/version.gitVersion=v1.37.2 \
		-X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37' .

.PHONY: lint
lint: lint-rust lint-platform lint-terraform lint-text ## Run every checker

.PHONY: demo
demo: cargo ## Show the whole path on this machine: anomaly, alert, action, proof, explanation
	demo/run.sh $(ARGS)

.PHONY: bench
bench: cargo ## Measure
	tools/install.sh valgrind
	$(CARGO) bench --locked $(CARGO_FLAGS)

.PHONY: fmt
fmt: cargo $(BIN)/.ready ## Format the code
	$(CARGO) fmt
	$(BIN)/taplo fmt

.PHONY: secrets
secrets: $(SECRETS) ## Write random tokens for compose.yaml

.PHONY: clean-venv
clean-venv: ## Remove the virtual environments of the checkers
	rm -rf $(VENV) $(TERRAFORM_VENV)

# The documentation without the AWS SDK: tests give the dependencies other features, and reading the SDK once
# more for those would take minutes.
.PHONY: lint-rust
lint-rust: cargo
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets $(CARGO_FLAGS) -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --lib --no-default-features

# Of prometheus.yml the syntax alone: the secrets it names exist only inside the container.
.PHONY: lint-platform
lint-platform: $(BIN)/.ready
	tools/install.sh promtool amtool
	promtool check rules --lint=all --lint-fatal $(RULES)
	promtool test rules $(RULE_TESTS)
	promtool check config --syntax-only --lint=all --lint-fatal deploy/compose/prometheus.yml
	amtool check-config deploy/compose/alertmanager.yml
	$(BIN)/python tools/check_dashboard.py $(DASHBOARDS)
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/hadolint Dockerfile

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

# The containers run as users of their own: the files are readable, the folder is not.
deploy/compose/secrets/%.token:
	install -d -m 0700 $(@D)
	head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > $@
	chmod 0644 $@
