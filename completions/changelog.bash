# bash completion for changelog: commands, options, and the DIDs, tags and selectors of your log.
_changelog_completion() {
    local IFS=$'\n'
    COMPREPLY=( $( env COMP_WORDS="${COMP_WORDS[*]}" \
                   COMP_CWORD=$COMP_CWORD \
                   _CHANGELOG_COMPLETE=complete_bash $1 ) )
    return 0
}

complete -o default -F _changelog_completion changelog
