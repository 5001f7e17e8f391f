import { Button, SegmentedControl, Skeleton, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { libraryQuery, type Media, type MediaKind } from '@/services/media'
import { EmptyState } from './EmptyState'
import { IconLibraryPhoto, IconSearch } from './icons'
import { MediaGrid } from './MediaGrid'
import { ProblemNotice } from './ProblemNotice'
import classes from './MediaFinder.module.css'

interface Props {
  chosen?: string[]
  empty: ReactNode // what helps while there is nothing at all
  onPick: (media: Media) => void
}

/** The library with a search above it. */
export function MediaFinder({ chosen, empty, onPick }: Props) {
  const [kind, setKind] = useState<MediaKind>('all')
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), 250)
  const list = useInfiniteQuery(libraryQuery(kind, search))
  const all = list.data?.pages.flatMap((p) => p.items) ?? []
  const items = chosen ? all.filter((m) => m.state === 'ready') : all
  const narrowed = kind !== 'all' || search !== ''
  return (
    <>
      <div className={classes.bar}>
        <TextInput
          type="search"
          aria-label="Search the library"
          placeholder="Search by name or description"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(e) => {
            setText(e.currentTarget.value)
          }}
          className={classes.search}
        />
        <SegmentedControl
          aria-label="Show"
          value={kind}
          data={[
            { value: 'all', label: 'All' },
            { value: 'image', label: 'Pictures' },
            { value: 'video', label: 'Videos' },
            { value: 'document', label: 'Documents' },
          ]}
          onChange={(value) => {
            setKind(value)
          }}
        />
      </div>
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && !list.error && (
        <div role="status" aria-label="Loading the library">
          <Skeleton height={190} radius="lg" />
        </div>
      )}
      {list.data && items.length > 0 && <MediaGrid items={items} chosen={chosen} onPick={onPick} />}
      {list.data && items.length === 0 && !list.hasNextPage && (
        <EmptyState
          icon={<IconLibraryPhoto size={28} />}
          title={narrowed ? 'Nothing like that is here' : 'The library is empty'}
        >
          {narrowed ? 'Try another word, or show all files.' : empty}
        </EmptyState>
      )}
      {list.hasNextPage && (
        <div className={classes.more}>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Load more
          </Button>
        </div>
      )}
    </>
  )
}
