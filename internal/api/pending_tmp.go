package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/tenant"
)

const cookieName, csrfHeader = "herald_session", "X-CSRF-Token"

type guard struct{ Config }
type SessionReader any
type AnswerStore any

func (g *guard) operation(_ *huma.Operation, _ tenant.Permission, h http.Handler) http.Handler {
	return h
}
func (g *guard) everyRequest(h http.Handler) http.Handler { return h }
func requestID(context.Context) string                    { return "" }
func requestPath(context.Context) string                  { return "" }

func (Sessions) signUp(context.Context, *signUpInput) (*signUpOutput, error)         { return nil, nil }
func (Sessions) confirm(context.Context, *confirmInput) (*empty, error)              { return nil, nil }
func (Sessions) signIn(context.Context, *signInInput) (*sessionOutput, error)        { return nil, nil }
func (Sessions) get(context.Context, *empty) (*sessionOutput, error)                 { return nil, nil }
func (Sessions) signOut(context.Context, *empty) (*signedOut, error)                 { return nil, nil }
func (Workspaces) get(context.Context, *empty) (*workspaceOutput, error)             { return nil, nil }
func (Workspaces) update(context.Context, *workspaceInput) (*workspaceOutput, error) { return nil, nil }
func (Workspaces) switches(context.Context, *empty) (*switchesOutput, error)         { return nil, nil }
func (Workspaces) setSwitch(context.Context, *switchInput) (*switchOutput, error)    { return nil, nil }
func (Workspaces) platforms(context.Context, *empty) (*platformsOutput, error)       { return nil, nil }
func (Connections) create(context.Context, *newConnectionsInput) (*connectionsOutput, error) {
	return nil, nil
}
func (Connections) list(context.Context, *empty) (*connectionsOutput, error)         { return nil, nil }
func (Connections) get(context.Context, *ConnectionParam) (*connectionOutput, error) { return nil, nil }
func (Connections) disconnect(context.Context, *ConnectionParam) (*empty, error)     { return nil, nil }
func (OAuth) start(context.Context, *startInput) (*redirect, error)                  { return nil, nil }
func (OAuth) callback(context.Context, *callbackInput) (*redirect, error)            { return nil, nil }
func (Grants) get(context.Context, *grantInput) (*grantOutput, error)                { return nil, nil }
func (MediaFiles) create(context.Context, *newMediaInput) (*mediaOutput, error)      { return nil, nil }
func (MediaFiles) complete(context.Context, *completeMediaInput) (*mediaOutput, error) {
	return nil, nil
}
func (MediaFiles) get(context.Context, *mediaParam) (*mediaOutput, error)           { return nil, nil }
func (MediaFiles) content(context.Context, *mediaParam) (*redirect, error)          { return nil, nil }
func (Posts) create(context.Context, *createPostInput) (*createPostOutput, error)   { return nil, nil }
func (Posts) check(context.Context, *checkPostInput) (*checkOutput, error)          { return nil, nil }
func (Posts) list(context.Context, *listPostsInput) (*postsOutput, error)           { return nil, nil }
func (Posts) get(context.Context, *PostParam) (*postOutput, error)                  { return nil, nil }
func (Posts) cancel(context.Context, *postActionInput) (*postOutput, error)         { return nil, nil }
func (Posts) reschedule(context.Context, *reschedulePostInput) (*postOutput, error) { return nil, nil }
func (Jobs) get(context.Context, *jobInput) (*jobHistoryOutput, error)              { return nil, nil }
func (Jobs) retry(context.Context, *jobActionInput) (*jobOutput, error)             { return nil, nil }
func (Jobs) cancel(context.Context, *jobActionInput) (*jobOutput, error)            { return nil, nil }
func (Jobs) resolve(context.Context, *resolveJobInput) (*jobOutput, error)          { return nil, nil }
func (Jobs) candidates(context.Context, *jobInput) (*candidatesOutput, error)       { return nil, nil }
func (Jobs) deletePublished(context.Context, *jobActionInput) (*empty, error)       { return nil, nil }
func (Insights) health(context.Context, *empty) (*healthOutput, error)              { return nil, nil }
func (Insights) metrics(context.Context, *metricsInput) (*metricsOutput, error)     { return nil, nil }
func (Insights) audit(context.Context, *auditInput) (*auditOutput, error)           { return nil, nil }
