# Herald. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

GOLANGCI_VERSION := v2.12.2
LOCAL := .tools/herald-local
SAM   := .tools/sam/bin/sam
PKG   ?= ./...
NAME  ?= run
FUZZTIME ?= 20s

help: ## what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(LOCAL) ## start everything at http://localhost:8080; Ctrl-C stops it, the data is kept
	@exec $(LOCAL) up $(ARGS)

dev: $(LOCAL) ## the same, and the page from its sources at http://localhost:5173, reloading on change
	@exec $(LOCAL) up --dev $(ARGS)

reset: $(LOCAL) ## forget the data of a stopped stack
	@exec $(LOCAL) reset --name $(NAME)

test: $(LOCAL) web-test ## all tests, beside a running `make run` if there is one; PKG=./tests/e2e ARGS='-run TestX -v' narrows
	@exec $(LOCAL) test -- bash -ec '\
	  if [ "$(PKG)" != ./... ]; then exec go test -count=1 -timeout 20m $(ARGS) $$(go list $(PKG)); fi; \
	  go test -count=1 -timeout 20m $(ARGS) $$(go list ./... | grep -vE "/tests/(crash|redaction)$$"); \
	  go test -count=1 -timeout 25m $(ARGS) ./tests/crash; \
	  go test -count=1 ./tests/redaction'

web-test: $(LOCAL) ## the page's unit tests
	@$(LOCAL) web && cd internal/web && npm test

check: lint validate ## lint and validate

lint: .tools/golangci-lint-$(GOLANGCI_VERSION) $(LOCAL) ## Go and TypeScript linters
	@$(LOCAL) web
	.tools/golangci-lint run ./...
	cd internal/web && npm run lint

validate: $(LOCAL) ## the template: sam validate and cfn-lint
	@$(LOCAL) tools
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint --template template.yaml
	.tools/sam/bin/cfn-lint --template template.yaml

build: $(LOCAL) ## page and functions for AWS into .aws-sam/build; ARCH=x86_64 for the other kind
	@exec $(LOCAL) build --arch $(or $(ARCH),arm64)

deploy: build ## build, then sam deploy to your AWS account: shows the changes and asks
	SAM_CLI_TELEMETRY=0 $(SAM) deploy --config-env prod $(ARGS)

invoke: $(LOCAL) ## call a function of the running stack: make invoke FN=posts EVENT=events/posts.json
	@exec $(LOCAL) invoke --name $(NAME) $(FN) $(EVENT)

bench: $(LOCAL) ## measure on a stack of its own and print one table; ARGS='-rate 100 -seconds 30'
	@exec $(LOCAL) test --auth=false -- go run ./tests/bench $(ARGS)

microbench: need-go ## Go's benchmarks of the hot paths
	go test -run '^$$' -bench . -benchmem ./internal/...

mutate: need-go ## break the connector in many small ways; each must turn its suite red
	go run ./tests/mutate $(ONLY)

fuzz: ## every fuzz target for FUZZTIME each
	@set -e; for t in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | sort); do \
	  for f in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' $$t); do \
	    echo "== $$f ($$(dirname $$t))"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) "$$(dirname $$t)"; \
	  done; \
	done

# The go command's own cache decides what is compiled.
$(LOCAL): need-go FORCE
	@go build -o $@ ./internal/local/cmd/herald-local

.tools/golangci-lint-$(GOLANGCI_VERSION): | need-go
	@mkdir -p .tools
	GOBIN=$(CURDIR)/.tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@touch $@

need-go:
	@v=$$(go env GOVERSION 2>/dev/null) || { echo "Go >= 1.26 is needed and go was not found: https://go.dev/dl/"; exit 1; }; \
	 case "$$v" in go1.2[6-9]*|go1.[3-9][0-9]*|devel*) ;; *) echo "Go >= 1.26 is needed; this is $$v"; exit 1;; esac

FORCE:
.PHONY: help run dev reset test web-test check lint validate build deploy invoke bench microbench mutate fuzz need-go FORCE
