import { useCallback, useState } from 'react'
import { dropDraft, loadDraft, newDraft, randomId, saveDraft, type Draft } from '@/compose/draft'

/** The draft of this person, stored with every change. kept is false when the browser refuses to store it. */
export function useDraft(owner: string) {
  const [state, setState] = useState(() => ({ draft: loadDraft(owner) ?? newDraft(randomId()), kept: true }))

  const change = useCallback(
    (next: Partial<Draft> | ((d: Draft) => Partial<Draft>)) => {
      setState(({ draft }) => {
        const changed = { ...draft, ...(typeof next === 'function' ? next(draft) : next) }
        return { draft: changed, kept: saveDraft(owner, changed) }
      })
    },
    [owner],
  )

  const clear = useCallback(() => {
    dropDraft(owner)
    setState({ draft: newDraft(randomId()), kept: true })
  }, [owner])

  return { draft: state.draft, kept: state.kept, change, clear }
}
