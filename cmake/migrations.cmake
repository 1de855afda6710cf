# elevaite_embed_migrations(TARGET FOLDER NAMESPACE): compiles FOLDER/<dialect>/0001_name.sql into TARGET as the function
# NAMESPACE::<Dialect>Migrations(); see infra/database/migrate.h.
function(elevaite_embed_migrations target folder namespace)
  foreach(dialect IN ITEMS sqlite postgres)
    file(GLOB files CONFIGURE_DEPENDS ${folder}/${dialect}/*.sql)
    if(NOT files)
      continue()
    endif()
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${target}_${dialect}_migrations.cc)
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder}/${dialect} -DDIALECT=${dialect} -DNAMESPACE=${namespace}
        -DOUTPUT=${output} -P ${PROJECT_SOURCE_DIR}/cmake/embed_migrations.cmake
      DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/embed_migrations.cmake
      COMMENT "Embedding the ${dialect} migrations of ${target}"
      VERBATIM)
    target_sources(${target} PRIVATE ${output})
  endforeach()
endfunction()
